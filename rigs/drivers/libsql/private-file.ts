import { chmodSync, closeSync, openSync } from 'node:fs'

/** The database, its write-ahead log, the log's index, and the journal of other modes. */
const FILES = ['', '-wal', '-shm', '-journal']
const OWNER_ONLY = 0o600

/**
 * Makes the files of a store their owner's alone, before anything is written: unlock codes stand in them in the clear.
 * What SQLite creates beside the database gets the mode of the database.
 * @throws node's own error when the mode cannot be set, as with another user's file
 */
export function keepPrivate(path: string): void {
  closeSync(openSync(path, 'a', OWNER_ONLY))
  for (const suffix of FILES) {
    try {
      chmodSync(path + suffix, OWNER_ONLY)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
