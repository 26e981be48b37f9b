import type { EventLog } from '../ports/event-log.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import { Circuit } from './circuit.js'
import { Lanes, type Outgoing } from './lanes.js'
import { Removals } from './removals.js'

/**
 * What became of a message: `done` with it, so that it is forgotten; `kept` in the store until whoever knows better
 * removes it, and the next may go; `awaited`: kept, and the next of its key waits for `answered` or `again`.
 */
export type Delivered = 'done' | 'kept' | 'awaited'

export interface Page {
  /** Messages that come after this one. */
  readonly after: number
  /** And not after this one. */
  readonly upTo?: number
  readonly most: number
  /** Of this key only. */
  readonly key?: string
}

export interface DispatcherParts<Message extends Outgoing> {
  /** E.g. `webhook`; begins the names of what is logged. */
  readonly name: string
  readonly store: SqlStore
  readonly log: EventLog
  /** Messages in order. */
  readonly pending: (store: SqlSession, page: Page) => Promise<Message[]>
  /** Rejects to have the message tried again. */
  readonly deliver: (message: Message) => Promise<Delivered>
  /** Forgets messages that need no further delivery. */
  readonly remove: (session: SqlSession, sequences: readonly number[]) => Promise<void>
  /** Whether a failure speaks against the receiver rather than the message; it does if not given. */
  readonly isReceiverDown?: (error: unknown) => boolean
  /** Wait before the n-th repetition (n = 1 is the first), milliseconds of wall time. */
  readonly retryMs: (failures: number) => number
  /** Whether it is for this instance to send now: of several on a store, one does (`Duty`). */
  readonly onDuty: () => boolean
  /** Messages on their way at the same moment, each of another key; 32 if not given. */
  readonly concurrency?: number
}

const DEFAULT_CONCURRENCY = 32
/** Messages read at once. */
const PAGE = 500
/** Messages in memory; more wait in the store until half of these have gone. */
const MOST_READ = 10_000

/**
 * Sends what the outbox holds: at least once, in order within a key, keys at the same moment. What fails delays its own
 * key, with back-off; a receiver that fails across keys is left alone for a while (`Circuit`). Each message is read once,
 * when somebody kicks. Of several instances on a store only the one on duty sends, or the order would be lost. The next
 * message of a key goes when the one before is struck out, so that a death repeats at most one of each key.
 */
export class Dispatcher<Message extends Outgoing> {
  readonly #lanes = new Lanes<Message>()
  readonly #circuit: Circuit
  readonly #removals: Removals
  /** Taken and not yet struck out, by sequence. */
  readonly #inHand = new Map<number, Message>()
  /** Awaited messages by key. */
  readonly #awaited = new Map<string, Message>()
  readonly #failures = new Map<string, number>()
  readonly #backOffs = new Map<string, NodeJS.Timeout>()
  readonly #sends = new Set<Promise<void>>()
  readonly #holds = new Set<Promise<void>>()
  #pause: NodeJS.Timeout | undefined
  #readRetry: NodeJS.Timeout | undefined
  #readFailures = 0
  /** The last message that has been read. */
  #read = 0
  /** Counts up whenever what was read is forgotten. */
  #edition = 0
  #reading: Promise<void> | undefined
  #lookAgain = false
  #more = false
  #sending = 0
  #closed = false

  constructor(private readonly parts: DispatcherParts<Message>) {
    const { name, store, log, remove, retryMs } = parts
    this.#circuit = new Circuit(retryMs)
    this.#removals = new Removals({ name, store, log, remove, retryMs })
  }

  /** Says that there may be something new. Resolves when it has been read, or could not be. */
  kick(): Promise<void> {
    if (this.#closed || this.#readRetry || !this.parts.onDuty()) return Promise.resolve()
    this.#lookAgain = true
    this.#reading ??= this.#readAll()
    return this.#reading
  }

  /** Reads everything anew, and sends what is still there: the receiver may have lost what it had taken. */
  restart(): Promise<void> {
    this.letGo()
    return this.kick()
  }

  /** Another instance sends from now on what is not under way here. */
  letGo(): void {
    this.#edition++
    this.#read = 0
    this.#lanes.forget()
    for (const key of [...this.#awaited.keys()]) this.#noLongerAwaited(key)
    for (const key of [...this.#backOffs.keys()]) this.#endBackOff(key)
  }

  /** Sends again what is still there of a key, in order. */
  async again(key: string): Promise<void> {
    if (this.#closed || !this.parts.onDuty()) return
    this.#lanes.block(key)
    this.#lanes.forget(key)
    this.#noLongerAwaited(key)
    const edition = this.#edition
    try {
      const messages = await this.#readKey(key)
      // Else all is read anew in any case.
      if (edition === this.#edition) this.#lanes.add(key, this.#untaken(messages))
    } catch (error) {
      this.#unreadable(error)
      // What was forgotten must not be missed.
      void this.restart()
    } finally {
      this.#lanes.unblock(key)
    }
    this.#fill()
  }

  /** The message that a key waited for, or one after it, needs nothing further; nor do those before it. */
  answered(key: string, sequence: number): void {
    const awaited = this.#awaited.get(key)
    if (awaited && awaited.sequence <= sequence) {
      this.#noLongerAwaited(key)
      this.#fill()
    }
  }

  /** Messages of a key wait until the promise settles. */
  hold(key: string, until: Promise<unknown>): void {
    this.#lanes.block(key)
    const free = () => {
      this.#lanes.unblock(key)
      this.#fill()
    }
    track(this.#holds, until.then(free, free))
  }

  /** Resolves when everything that could go has gone or failed. */
  async settled(): Promise<void> {
    while (this.#sends.size + this.#holds.size > 0 || this.#reading) {
      await Promise.all([...this.#sends, ...this.#holds, this.#reading])
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#pause)
    clearTimeout(this.#readRetry)
    for (const key of [...this.#backOffs.keys()]) this.#endBackOff(key)
    this.#removals.close()
    await this.#reading
    await Promise.all(this.#sends)
  }

  async #readAll(): Promise<void> {
    while ((this.#lookAgain || this.#more) && !this.#closed) {
      if (this.#lanes.waiting >= MOST_READ) {
        this.#more = true
        break
      }
      this.#lookAgain = false
      try {
        await this.#readPage()
        this.#readFailures = 0
      } catch (error) {
        this.#unreadable(error)
        break
      }
    }
    // In the same turn as the loop's last look, or a kick in between would be lost.
    this.#reading = undefined
  }

  async #readPage(): Promise<void> {
    const edition = this.#edition
    const page = await this.parts.pending(this.parts.store, { after: this.#read, most: PAGE })
    if (edition !== this.#edition) {
      this.#lookAgain = true
      return
    }
    this.#more = page.length === PAGE
    this.#read = page.at(-1)?.sequence ?? this.#read
    for (const message of this.#untaken(page)) this.#lanes.add(message.key, [message])
    this.#fill()
  }

  /** What is there of a key of what has been read before. */
  async #readKey(key: string): Promise<Message[]> {
    const { pending, store } = this.parts
    const upTo = this.#read
    const messages: Message[] = []
    for (let after = 0; after < upTo;) {
      const page = await pending(store, { after, upTo, most: PAGE, key })
      messages.push(...page)
      after = page.length < PAGE ? upTo : (page.at(-1)?.sequence ?? upTo)
    }
    return messages
  }

  #unreadable(error: unknown): void {
    if (this.#closed || this.#readRetry) return
    const retryMs = this.parts.retryMs(++this.#readFailures)
    this.#log('unreadable', { reason: reasonOf(error), retryMs })
    this.#readRetry = setTimeout(() => {
      this.#readRetry = undefined
      void this.kick()
    }, retryMs)
  }

  #untaken(messages: readonly Message[]): Message[] {
    return messages.filter(({ sequence }) => !this.#inHand.has(sequence))
  }

  #fill(): void {
    const { concurrency = DEFAULT_CONCURRENCY, onDuty } = this.parts
    while (!this.#closed && this.#sending < concurrency && this.#circuit.lets && onDuty()) {
      const message = this.#lanes.take()
      if (!message) break
      this.#circuit.trying()
      track(this.#sends, this.#send(message))
    }
    if (this.#more && !this.#reading && this.#lanes.waiting < MOST_READ / 2) void this.kick()
  }

  async #send(message: Message): Promise<void> {
    const { key, sequence } = message
    this.#inHand.set(sequence, message)
    this.#sending++
    let outcome: Delivered
    try {
      outcome = await this.parts.deliver(message)
    } catch (error) {
      this.#sending--
      this.#inHand.delete(sequence)
      this.#failed(message, error)
      this.#fill()
      return
    }
    this.#sending--
    this.#succeeded(key)
    if (outcome === 'awaited') {
      this.#awaited.set(key, message)
      this.#fill()
      return
    }
    if (outcome === 'done') {
      this.#fill()
      await this.#removals.remove(sequence)
    }
    this.#inHand.delete(sequence)
    this.#lanes.finish(key)
    this.#fill()
  }

  #noLongerAwaited(key: string): void {
    const awaited = this.#awaited.get(key)
    if (!awaited) return
    this.#awaited.delete(key)
    this.#inHand.delete(awaited.sequence)
    this.#lanes.finish(key)
  }

  #succeeded(key: string): void {
    this.#failures.delete(key)
    if (!this.#receiverAnswered()) return
    // They failed for the receiver's sake, not for their own.
    for (const waiting of [...this.#backOffs.keys()]) this.#endBackOff(waiting)
  }

  /** @returns whether it had been left alone */
  #receiverAnswered(): boolean {
    const isBack = this.#circuit.succeeded()
    clearTimeout(this.#pause)
    if (isBack) this.#log('receiver-back', {})
    return isBack
  }

  #failed({ key, sequence }: Message, error: unknown): void {
    const { retryMs, isReceiverDown = () => true } = this.parts
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    if (this.#closed) return this.#lanes.putBack(key)
    const waitMs = retryMs(failures)
    this.#log('failed', { sequence, reason: reasonOf(error), failures, retryMs: waitMs })
    this.#lanes.block(key)
    const backOff = setTimeout(() => {
      this.#endBackOff(key)
      this.#fill()
    }, waitMs)
    this.#backOffs.set(key, backOff)
    this.#lanes.putBack(key)
    if (isReceiverDown(error)) this.#leaveAlone(key, error)
    else this.#receiverAnswered()
  }

  #leaveAlone(key: string, error: unknown): void {
    const pauseMs = this.#circuit.failed(key)
    if (pauseMs === undefined) return
    this.#log('receiver-down', { reason: reasonOf(error), pauseMs })
    this.#pause = setTimeout(() => {
      this.#circuit.pauseOver()
      this.#fill()
    }, pauseMs)
  }

  #endBackOff(key: string): void {
    clearTimeout(this.#backOffs.get(key))
    if (this.#backOffs.delete(key)) this.#lanes.unblock(key)
  }

  #log(what: string, fields: object): void {
    if (!this.#closed) this.parts.log.record(`${this.parts.name}-${what}`, { ...fields })
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

function track(running: Set<Promise<void>>, work: Promise<void>): void {
  const tracked = work.finally(() => running.delete(tracked))
  running.add(tracked)
}
