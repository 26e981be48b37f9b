import type { Migration } from '../../sql/migration.js'

/** A command stays in the outbox until its lock has answered it: what a broker loses on the way is sent again. */
export const commandAnswers: Migration = {
  version: 7,
  name: 'command-answers',
  statements: [
    // Set when the command is sent first: the same ever after, so that one that others have overtaken moves nothing.
    `ALTER TABLE platform_outbox ADD COLUMN command_id TEXT`,
    `ALTER TABLE platform_outbox ADD COLUMN number BIGINT`,
    // How many commands have said the same before it.
    `ALTER TABLE platform_outbox ADD COLUMN reissue INTEGER NOT NULL DEFAULT 0`,
    `CREATE INDEX platform_commands_of_lock ON platform_outbox (lock_id, sequence) WHERE channel = 'lock'`,
  ],
}
