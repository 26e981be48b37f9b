import type { Migration } from '../../sql/migration.js'

/** What several instances of the cloud need to work on one store. */
export const severalInstances: Migration = {
  version: 2,
  name: 'several-instances',
  statements: [
    // Who speaks for all of them: see reference/sql/duty.ts.
    `CREATE TABLE cloud_duties (
       duty TEXT PRIMARY KEY, instance TEXT NOT NULL, run TEXT NOT NULL, beat BIGINT NOT NULL)`,
    // The instance that asks the platform: when it starts again, it knows that its last run will get no answer.
    `ALTER TABLE cloud_reservations ADD COLUMN asked_by TEXT NOT NULL DEFAULT ''`,
    `CREATE INDEX cloud_unanswered ON cloud_reservations (plan_id) WHERE active = 1 AND reservation_id IS NULL`,
  ],
}
