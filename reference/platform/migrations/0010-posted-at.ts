import type { Migration } from '../../sql/migration.js'

/** When a webhook was found in the outbox, so that one that no cloud ever takes goes at last. */
export const postedAt: Migration = {
  version: 10,
  name: 'posted-at',
  statements: [
    `ALTER TABLE platform_outbox ADD COLUMN posted_at BIGINT`,
    `CREATE INDEX platform_old_messages ON platform_outbox (posted_at)`,
  ],
}
