import { RigTimeout } from '../rig-errors.js'
import type { WireName } from './wires.js'
import { ProductFault } from '../../../reference/ports/faults.js'

/** One message as it was seen on a wire. */
export interface WireMessage {
  readonly wire: WireName
  readonly from: string
  readonly to: string
  /** What it is in a word or two: `POST /v1/reservations`, `reserve`, `201`, `ParkingPlanInfo`. */
  readonly name: string
  /** JSON value, XML text, or nothing for binary bodies. */
  readonly body?: unknown
  readonly correlationId?: string
}

/** Tells the messages of the running scenario from those of guests. */
export interface OwnFilter {
  has(message: WireMessage): boolean
  addUser(openid: string): void
  clear(): void
}

/** What has been on the wires of the running scenario, and a way to await what comes. */
export class WireLog {
  readonly #messages: WireMessage[] = []
  readonly #waiting = new Set<(message: WireMessage) => void>()

  /**
   * @param sink is told every message, for the timeline
   * @param own where guests use the wires too: theirs are neither kept nor told
   */
  constructor(
    private readonly sink: (message: WireMessage) => void,
    private readonly own?: OwnFilter,
  ) {}

  record(message: WireMessage): void {
    if (this.own && !this.own.has(message)) return
    this.#messages.push(message)
    this.sink(message)
    for (const waiting of [...this.#waiting]) waiting(message)
  }

  /** A user of the running scenario. */
  addUser(openid: string): void {
    this.own?.addUser(openid)
  }

  /** Messages so far, oldest first. */
  all(matches: (message: WireMessage) => boolean): WireMessage[] {
    return this.#messages.filter(matches)
  }

  /** Forgets what was seen: the next scenario starts. */
  clear(): void {
    this.#messages.length = 0
    this.own?.clear()
  }

  /**
   * The first message that matches, seen already or still to come.
   * @param what named in the error
   * @throws WireSilent after `deadlineMs` of wall time
   */
  seen(what: string, matches: (message: WireMessage) => boolean, deadlineMs = 10_000): Promise<WireMessage> {
    const already = this.#messages.find(matches)
    if (already) return Promise.resolve(already)
    return new Promise((resolve, reject) => {
      const waiting = (message: WireMessage) => {
        if (!matches(message)) return
        finish()
        resolve(message)
      }
      const timer = setTimeout(() => {
        finish()
        reject(new WireSilent(what, deadlineMs))
      }, deadlineMs)
      const finish = () => {
        clearTimeout(timer)
        this.#waiting.delete(waiting)
      }
      this.#waiting.add(waiting)
    })
  }
}

/** A party did not say what the scenario expects of it: the product failed, not the rig. */
export class WireSilent extends ProductFault {
  override readonly name = 'WireSilent'
  constructor(what: string, waitedMs: number) {
    super(`${what}: not seen on the wire within ${waitedMs} ms`)
  }
}

/** @throws RigTimeout when `promise` does not settle in time */
export async function withDeadline<T>(what: string, promise: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new RigTimeout(what, deadlineMs)), deadlineMs)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}
