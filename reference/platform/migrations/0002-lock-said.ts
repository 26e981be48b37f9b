import type { Migration } from '../../sql/migration.js'

/** What a lock last said of itself (JSON, for an operator to read), and the dilution of its newest fix. */
export const lockSaid: Migration = {
  version: 2,
  name: 'lock-said',
  statements: [
    `ALTER TABLE platform_bays ADD COLUMN lock_said TEXT`,
    `ALTER TABLE platform_bays ADD COLUMN fix_hdop DOUBLE PRECISION`,
  ],
}
