import type { Migration } from '../../sql/migration.js'

/** Which push came under which signature: the signature of a plain push does not cover its body, so it is good once. */
export const pushSignatures: Migration = {
  version: 4,
  name: 'push-signatures',
  statements: [
    `CREATE TABLE cloud_push_signatures (
       signature TEXT PRIMARY KEY, push_key TEXT NOT NULL, seen_at BIGINT NOT NULL)`,
    `CREATE INDEX cloud_old_push_signatures ON cloud_push_signatures (seen_at)`,
  ],
}
