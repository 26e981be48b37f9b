import { existsSync } from 'node:fs'
import type { CanLogEntry } from '../../reference/can/can-log.js'
import { frameName } from '../../reference/can/can-frame-check.js'
import { decodeFrame, type DecodedFrame } from '../../reference/can/dbc-frame-format.js'
import { frameKey, type DbcDatabase, type DbcMessage } from '../../reference/can/dbc-model.js'
import { readDbc, type DbcFileFlags } from './can-dbc.js'
import type { CanIo } from './can-io.js'

interface NamedDatabase {
  readonly file: string
  readonly database: DbcDatabase
}

/** `FILE` for all channels, `CHANNEL=FILE` for one; a file whose own name is that comes first. */
function dbcFlag(text: string): { readonly file: string; readonly channel?: string } {
  const [, channel, file] = /^([^=/\\]+)=(.+)$/.exec(text) ?? []
  return channel === undefined || file === undefined || existsSync(text) ? { file: text } : { file, channel }
}

/** The databases of a command: a channel's own come before those for all, each in the order of the flags. */
export class CanDatabases {
  readonly #forAll: NamedDatabase[] = []
  readonly #byChannel = new Map<string, NamedDatabase[]>()

  /** @throws UsageError, DbcSyntaxError */
  constructor(flags: readonly string[], options: DbcFileFlags, io: CanIo) {
    for (const flag of flags) {
      const { file, channel } = dbcFlag(flag)
      const named = { file, database: readDbc(file, options, io) }
      const list = channel === undefined ? this.#forAll : (this.#byChannel.get(channel) ?? [])
      reportTwice(list, named, io)
      list.push(named)
      if (channel !== undefined) this.#byChannel.set(channel, list)
    }
  }

  /** @returns undefined for a frame that none of the channel's databases has */
  decode({ channel, frame }: CanLogEntry): DecodedFrame | undefined {
    if (!frame) return undefined
    for (const { database } of [...(this.#byChannel.get(channel) ?? []), ...this.#forAll]) {
      const decoded = decodeFrame(database, frame)
      if (decoded) return decoded
    }
    return undefined
  }

  /** All messages, those for all channels first. */
  messages(): DbcMessage[] {
    return [this.#forAll, ...this.#byChannel.values()].flat().flatMap(({ database }) => database.messages)
  }
}

function reportTwice(before: readonly NamedDatabase[], { file, database }: NamedDatabase, io: CanIo): void {
  for (const other of before) {
    const twice = database.messages.filter((message) => other.database.byFrame.has(frameKey(message)))
    if (twice.length === 0) continue
    const ids = twice.slice(0, 8).map(frameName).join(', ')
    io.tell(
      `${twice.length} ids of ${file} are in ${other.file} too, which counts: ${ids}${twice.length > 8 ? ', …' : ''}`,
    )
  }
}
