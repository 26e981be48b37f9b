import { MqttLinkLost } from '../mqtt/sure-publisher.js'
import type { SqlStore } from '../ports/sql-store.js'
import { LockRecords } from './lock-records.js'

/** A broker that dies may lose what it has acknowledged a moment before; wall milliseconds. */
const TOLD_AGAIN_MS = 60_000

/**
 * Sends what the lock has to say in the order in which it happened. Events wait in storage until the broker has
 * acknowledged them: neither a lost link nor a lost lock loses one. Those of the last minute before the link was lost
 * are sent once more, for a broker that died may have lost them. One may be sent twice; its id tells.
 */
export class Outbox {
  readonly #told: { readonly event: string; readonly atMs: number }[] = []
  #lostAtMs: number | undefined
  #losses = 0
  #pumping: Promise<void> | undefined
  #again = false
  #closed = false

  constructor(
    private readonly store: SqlStore,
    private readonly send: (event: string) => Promise<void>,
    private readonly onFault: (error: unknown) => void,
    /** Wall time. */
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** The link to the broker is lost. */
  lost(): void {
    this.#losses++
    this.#lostAtMs ??= this.monotonicMs()
  }

  /** Whoever heard it is another one now, to whom it is no news: a platform on another store. */
  forgetTold(): void {
    this.#told.splice(0)
  }

  /** There is something to send. */
  pump(): void {
    this.#again = true
    this.#pumping ??= this.#run().finally(() => {
      this.#pumping = undefined
      if (this.#again && !this.#closed) this.pump()
    })
  }

  /** Resolves when everything is sent, or cannot be. */
  async emptied(): Promise<void> {
    this.pump()
    await this.#pumping
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pumping
  }

  async #run(): Promise<void> {
    const records = new LockRecords(this.store)
    try {
      while (this.#again && !this.#closed) {
        this.#again = false
        await this.#tellAgain()
        for (
          let next = await records.nextToSend();
          next && !this.#closed;
          next = await records.nextToSend()
        ) {
          await this.send(next.event)
          await records.sent(next.seq)
          this.#remember(next.event)
        }
      }
    } catch (error) {
      // It goes on when the link is back.
      if (error instanceof MqttLinkLost || this.#closed) return
      this.onFault(error)
    }
  }

  async #tellAgain(): Promise<void> {
    if (this.#lostAtMs === undefined) return
    const sinceMs = this.#lostAtMs - TOLD_AGAIN_MS
    const losses = this.#losses
    for (const { event } of this.#told.filter(({ atMs }) => atMs >= sinceMs)) await this.send(event)
    // Lost again meanwhile: all of it again, once the link is back.
    if (losses === this.#losses) this.#lostAtMs = undefined
  }

  #remember(event: string): void {
    const now = this.monotonicMs()
    this.#told.push({ event, atMs: now })
    const firstKept = this.#told.findIndex(({ atMs }) => atMs >= now - TOLD_AGAIN_MS)
    this.#told.splice(0, firstKept)
  }
}
