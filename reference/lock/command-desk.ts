import { messageCheck } from '../contracts/contract.js'
import type { CommandRefusal, LockCommand } from '../contracts/lock-link.js'
import type { BoltControl } from './bolt-control.js'
import type { LockCore } from './lock-core.js'
import type { LockRecords } from './lock-records.js'

/** How a command ended. */
export type Carried = 'done' | CommandRefusal

/** A command that takes time: what it decided is recorded, `begin` sets it going. */
export interface Begun {
  readonly begin: () => Promise<Carried>
}

/** Carries a command out: decides in the turn's transaction, and moves nothing before it is durable. */
export type CommandHandler = (command: LockCommand, records: LockRecords) => Promise<Carried | Begun>

const checkCommand = messageCheck<LockCommand>('lock-link.asyncapi', 'Command')

/** Longer payloads are not read: the longest command is under 1 KiB. */
const MAX_PAYLOAD_BYTES = 16_384

function idOf(message: unknown): string | undefined {
  const id = (message as { id?: unknown } | null)?.id
  return typeof id === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : undefined
}

/**
 * Receives commands: each is carried out at most once, never after its end of life, and never after a later one of its
 * stream; each has an answer.
 */
export class CommandDesk {
  #closed = false
  /** Of the last command that had one. */
  #stream: string | undefined

  constructor(
    private readonly core: LockCore,
    private readonly bolt: BoltControl,
    private readonly handle: CommandHandler,
    /** Commands are counted anew: by a platform on another store. */
    private readonly onNewStream: () => void,
  ) {}

  /** Resolves once the command is recorded, so that the broker may forget it; never rejects. */
  async receive(payload: Uint8Array): Promise<void> {
    if (this.#closed) return
    try {
      const command = this.#read(payload)
      if ('malformed' in command) await this.#refuseMalformed(command.malformed)
      else await this.#take(command)
    } catch (fault) {
      this.core.report('command-failed', fault)
    }
  }

  /** Commands that a restart interrupted: whatever they set going has ended with it. */
  async answerInterrupted(): Promise<void> {
    await this.core.turn(async (records) => {
      for (const { id, correlationId } of await records.begunCommands()) {
        await records.rememberCommand(id, correlationId, true)
        await this.#answer(records, id, 'superseded', correlationId)
      }
    })
  }

  close(): void {
    this.#closed = true
  }

  #read(payload: Uint8Array): LockCommand | { readonly malformed: string | undefined } {
    if (payload.length > MAX_PAYLOAD_BYTES) {
      this.core.report('malformed-command', `${payload.length} bytes`)
      return { malformed: undefined }
    }
    let message: unknown
    try {
      message = JSON.parse(Buffer.from(payload).toString('utf8'))
      return checkCommand(message)
    } catch (fault) {
      // A SyntaxError repeats the text, which may hold a code.
      this.core.report('malformed-command', fault instanceof SyntaxError ? 'not JSON' : fault)
      return { malformed: idOf(message) }
    }
  }

  async #refuseMalformed(id: string | undefined): Promise<void> {
    if (id === undefined) return
    await this.core.turn((records) => this.#answer(records, id, 'malformed'))
  }

  async #take(command: LockCommand): Promise<void> {
    const { id, correlationId } = command
    await this.core.turn(
      async (records) => {
        const known = await records.commandState(id)
        // Under way: its own answer is still to come.
        if (known === 'begun') return undefined
        if (known === 'finished') {
          await this.#answer(records, id, 'repeated', correlationId)
          return undefined
        }
        const { stream, sequence } = command
        if (stream !== undefined) this.#heard(stream)
        const inOrder =
          stream === undefined || sequence === undefined || (await records.advanceStream(stream, sequence))
        const alive = this.core.now < Date.parse(command.expiresAt)
        const unfit = inOrder ? (alive ? undefined : 'expired') : 'out-of-order'
        const taken = unfit ?? (await this.handle(command, records))
        await records.rememberCommand(id, correlationId, typeof taken === 'string')
        if (typeof taken !== 'string') return taken
        await this.#answer(records, id, taken, correlationId)
        return undefined
      },
      (begun) => {
        if (begun) void this.#seeThrough(command, begun)
      },
    )
  }

  #heard(stream: string): void {
    if (this.#stream !== undefined && this.#stream !== stream) this.onNewStream()
    this.#stream = stream
  }

  async #seeThrough({ id, correlationId }: LockCommand, begun: Begun): Promise<void> {
    try {
      const carried = await begun.begin()
      // An answer that closing cut short is given at the next start.
      if (this.#closed) return
      await this.core.turn(async (records) => {
        await records.rememberCommand(id, correlationId, true)
        await this.#answer(records, id, carried, correlationId)
      })
    } catch (fault) {
      this.core.report('command-failed', fault)
    }
  }

  async #answer(records: LockRecords, commandId: string, carried: Carried, correlationId?: string) {
    const reservation = await records.reservation()
    await this.core.post(
      records,
      {
        type: 'command-result',
        commandId,
        ...(carried === 'done' ? { outcome: 'done' } : { outcome: 'refused', reason: carried }),
        bolt: this.bolt.position,
        moves: this.bolt.bolt.moves,
        reservationId: reservation?.id ?? null,
      },
      correlationId,
    )
  }
}
