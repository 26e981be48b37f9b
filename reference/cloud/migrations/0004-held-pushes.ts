import type { Migration } from '../../sql/migration.js'

/** Whose push is being answered: messages to that user wait until it is, whichever instance sends them. */
export const heldPushes: Migration = {
  version: 4,
  name: 'held-pushes',
  statements: [
    `ALTER TABLE cloud_seen_pushes ADD COLUMN openid TEXT`,
    `ALTER TABLE cloud_seen_pushes ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1))`,
    `CREATE INDEX cloud_held_pushes ON cloud_seen_pushes (push_key) WHERE held = 1`,
  ],
}
