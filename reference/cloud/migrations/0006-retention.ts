import type { Migration } from '../../sql/migration.js'

/** Since when rows are there, so that they can go (retention.ts): written when they are first found. */
export const retention: Migration = {
  version: 6,
  name: 'retention',
  statements: ['cloud_seen_pushes', 'cloud_seen_events', 'cloud_reservations', 'cloud_outbox'].flatMap(
    (table) => [
      `ALTER TABLE ${table} ADD COLUMN found_at BIGINT`,
      `CREATE INDEX ${table}_by_age ON ${table} (found_at)`,
    ],
  ),
}
