import type { Migration } from '../../sql/migration.js'

/** The vehicle's size, what was looked for (both JSON), and why another plan is due for a booking. */
export const planning: Migration = {
  version: 3,
  name: 'planning',
  statements: [
    `ALTER TABLE cloud_users ADD COLUMN vehicle_size TEXT`,
    `ALTER TABLE cloud_reservations ADD COLUMN search TEXT`,
    `ALTER TABLE cloud_reservations ADD COLUMN replan_reason TEXT`,
    `CREATE INDEX cloud_due_replans ON cloud_reservations (plan_id) WHERE replan_reason IS NOT NULL`,
  ],
}
