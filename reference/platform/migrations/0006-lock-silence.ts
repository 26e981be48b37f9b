import type { Migration } from '../../sql/migration.js'

/** Finds the holds on which their lock has said nothing yet. */
export const lockSilence: Migration = {
  version: 6,
  name: 'lock-silence',
  statements: [
    `CREATE INDEX platform_due_unjudged ON platform_reservations (created_at) WHERE state = 'held'`,
  ],
}
