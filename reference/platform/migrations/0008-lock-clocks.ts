import type { Migration } from '../../sql/migration.js'

/** Clocks of locks: when one began to look wrong, and by how much one is wrong that was found so. */
export const lockClocks: Migration = {
  version: 8,
  name: 'lock-clocks',
  statements: [
    `ALTER TABLE platform_bays ADD COLUMN clock_asked_at BIGINT`,
    `ALTER TABLE platform_bays ADD COLUMN clock_ahead_ms BIGINT`,
  ],
}
