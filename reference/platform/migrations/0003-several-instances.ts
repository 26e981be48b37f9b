import type { Migration } from '../../sql/migration.js'

/** What several instances of the platform need to work on one store. */
export const severalInstances: Migration = {
  version: 3,
  name: 'several-instances',
  statements: [
    // Who speaks for all of them: see reference/sql/duty.ts.
    `CREATE TABLE platform_duties (
       duty TEXT PRIMARY KEY, instance TEXT NOT NULL, run TEXT NOT NULL, beat BIGINT NOT NULL)`,
    // Numbers of the commands to a lock, drawn when they are sent. The stream tells one store's numbers from another's.
    `CREATE TABLE platform_lock_streams (lock_id TEXT PRIMARY KEY, stream TEXT NOT NULL, value BIGINT NOT NULL)`,
    // An operator's command goes out even if its lock is away: the broker keeps it, and it has its own end of life.
    `ALTER TABLE platform_outbox ADD COLUMN at_once INTEGER NOT NULL DEFAULT 0 CHECK (at_once IN (0, 1))`,
    // The lock's answer may come to another instance than the one that the operator asked.
    `CREATE TABLE platform_operator_calls (
       command_id TEXT PRIMARY KEY, lock_id TEXT NOT NULL, answer TEXT, created_at BIGINT NOT NULL)`,
    // Whatever instance made them, any ends them when they are due.
    `CREATE INDEX platform_due_held ON platform_reservations (expires_at)
       WHERE state IN ('held', 'accepted', 'code-issued')`,
    `CREATE INDEX platform_due_unlocked ON platform_reservations (no_show_at) WHERE state = 'unlocked'`,
  ],
}
