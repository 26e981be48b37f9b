import type { Migration } from '../../sql/migration.js'

/** Whose a reservation is, and who was refused what, or did what as an operator. */
export const access: Migration = {
  version: 5,
  name: 'access',
  statements: [
    `ALTER TABLE platform_reservations ADD COLUMN party TEXT NOT NULL DEFAULT 'cloud'`,
    `CREATE TABLE platform_audit (
       sequence BIGINT PRIMARY KEY,
       recorded_at BIGINT NOT NULL,
       party TEXT NOT NULL,
       action TEXT NOT NULL,
       target TEXT NOT NULL,
       outcome TEXT NOT NULL
     )`,
  ],
}
