import type { Migration } from '../../sql/migration.js'

/**
 * What keeps the store bounded (retention.ts): alerts that repeat are one row, whose webhook a message is, and an index
 * for each table by which its old rows are found.
 */
export const retention: Migration = {
  version: 9,
  name: 'retention',
  statements: [
    // What an alert is about besides its lock and kind, such as the fault's name: the same within an hour is one row.
    `ALTER TABLE platform_alerts ADD COLUMN subject TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE platform_alerts ADD COLUMN last_at BIGINT`,
    `ALTER TABLE platform_alerts ADD COLUMN times BIGINT NOT NULL DEFAULT 1`,
    `CREATE INDEX platform_alerts_of_lock ON platform_alerts (lock_id, sequence)`,
    `CREATE INDEX platform_old_alerts ON platform_alerts (raised_at)`,
    // The party whose webhook it is; without one a row of an earlier release, which knew the cloud's only.
    `ALTER TABLE platform_outbox ADD COLUMN party TEXT`,
    `CREATE INDEX platform_outbox_of_reservation ON platform_outbox (reservation_id)`,
    `CREATE INDEX platform_history_of_bay ON platform_history (bay_id, sequence)`,
    `CREATE INDEX platform_history_of_reservation ON platform_history (reservation_id)`,
    `CREATE INDEX platform_old_history ON platform_history (recorded_at)`,
    `CREATE INDEX platform_events_of_lock ON platform_lock_events (lock_id, received_at)`,
    `CREATE INDEX platform_old_lock_events ON platform_lock_events (received_at)`,
    `CREATE INDEX platform_audit_of_party ON platform_audit (party, sequence)`,
    `CREATE INDEX platform_old_audit ON platform_audit (recorded_at)`,
    `CREATE INDEX platform_old_idempotency_keys ON platform_idempotency_keys (created_at)`,
    `CREATE INDEX platform_old_reservations ON platform_reservations (expires_at)`,
    `CREATE INDEX platform_old_operator_calls ON platform_operator_calls (created_at)`,
  ],
}
