import { requireSendable } from '../../../reference/can/can-frame-check.js'
import type { CanFrame, CanLine, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import type { VirtualClock } from './virtual-clock.js'

export type VirtualEnd = 'a' | 'b'

export interface LoggedFrame {
  readonly from: VirtualEnd
  readonly frame: CanFrame
  /** When it was over. */
  readonly atUs: number
}

export interface VirtualLineOptions {
  /** How long a frame holds the line, microseconds; 0 takes any number of frames at once. */
  readonly frameUs?: number
  /** Frames that are kept in `log`; 0 keeps none. */
  readonly logFrames?: number
}

/** Two nodes on a line in virtual time, whose frames a test sees, swallows, holds and forges. Not a bus: no arbitration. */
export interface VirtualLine {
  readonly a: CanLine
  readonly b: CanLine
  readonly log: readonly LoggedFrame[]
  /** The log as text: `a 0700010203040506`. */
  lines(): string[]
  /** Frames that `predicate` is true for reach nobody; their senders do not know. */
  drop(predicate: (frame: CanFrame, from: VirtualEnd) => boolean): void
  /** Sends of this end never settle, as on a bus where nobody acknowledges; undefined mends it. */
  hold(from: VirtualEnd | undefined): void
}

export function createVirtualLine(
  clock: VirtualClock,
  { frameUs = 0, logFrames = Infinity }: VirtualLineOptions = {},
): VirtualLine {
  const heard = {
    a: new Set<(frame: ReceivedCanFrame) => void>(),
    b: new Set<(frame: ReceivedCanFrame) => void>(),
  }
  const log: LoggedFrame[] = []
  let dropped: (frame: CanFrame, from: VirtualEnd) => boolean = () => false
  let held: VirtualEnd | undefined
  let freeAtUs = 0

  const carried = () =>
    new Promise<void>((resolve) => {
      if (frameUs === 0) return resolve()
      freeAtUs = Math.max(freeAtUs, clock.nowUs()) + frameUs
      clock.after(freeAtUs - clock.nowUs(), resolve)
    })

  const node = (from: VirtualEnd): CanLine => ({
    async send(frame) {
      requireSendable(frame)
      if (held === from) return new Promise(() => undefined)
      const own = { ...frame, data: frame.data.slice() }
      await carried()
      if (log.length < logFrames) log.push({ from, frame: own, atUs: clock.nowUs() })
      if (dropped(own, from)) return
      for (const listener of heard[from === 'a' ? 'b' : 'a']) listener({ ...own, timestampUs: clock.nowUs() })
    },
    onFrame(listener) {
      heard[from].add(listener)
      return () => heard[from].delete(listener)
    },
  })

  return {
    a: node('a'),
    b: node('b'),
    log,
    lines: () => log.map(({ from, frame }) => `${from} ${Buffer.from(frame.data).toString('hex')}`),
    drop(predicate) {
      dropped = predicate
    },
    hold(from) {
      held = from
    },
  }
}
