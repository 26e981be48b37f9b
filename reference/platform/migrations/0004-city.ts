import type { Migration } from '../../sql/migration.js'

/**
 * What a plan needs to know of a bay besides where it is, and a name for the inventory as it is: a new one at each
 * change, so that whoever holds a copy of it knows that theirs is old.
 */
export const city: Migration = {
  version: 4,
  name: 'city',
  statements: [
    `ALTER TABLE platform_bays ADD COLUMN length_metres DOUBLE PRECISION CHECK (length_metres > 0)`,
    `ALTER TABLE platform_bays ADD COLUMN width_metres DOUBLE PRECISION CHECK (width_metres > 0)`,
    `ALTER TABLE platform_bays ADD COLUMN height_metres DOUBLE PRECISION CHECK (height_metres > 0)`,
    `ALTER TABLE platform_bays ADD COLUMN charger_kind TEXT CHECK (charger_kind IN ('ac', 'dc'))`,
    `ALTER TABLE platform_bays ADD COLUMN charger_kilowatts DOUBLE PRECISION CHECK (charger_kilowatts > 0)`,
    `CREATE TABLE platform_inventory (one INTEGER PRIMARY KEY CHECK (one = 1), edition TEXT NOT NULL)`,
  ],
}
