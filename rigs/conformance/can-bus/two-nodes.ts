import assert from 'node:assert/strict'
import type { CanBus, CanFrame, CanOpenOptions, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'

/** Two nodes of one driver on one bus, back to back. */
export interface TwoCanNodes {
  readonly a: CanBus
  readonly b: CanBus
  close(): Promise<void>
}

/** Opens two nodes, alone on a bus of their own. */
export type OpenTwoNodes = (options?: {
  readonly a?: CanOpenOptions
  readonly b?: CanOpenOptions
}) => Promise<TwoCanNodes>

/** How long frames may take from one node to the other before a test fails; emulated processors are slow. */
export const ARRIVAL_DEADLINE_MS = 60_000

export const classic = (id: number, bytes: readonly number[], extended = false): CanFrame => ({
  id,
  extended,
  data: Uint8Array.from(bytes),
})

/** What of a frame must survive the wire. */
export function content(frame: CanFrame) {
  const { id, extended, data, remote = false, remoteLength = 0, rawDlc, fd = false } = frame
  const { bitrateSwitch = false, errorStateIndicator = false } = frame
  return {
    id,
    extended,
    data: Buffer.from(data).toString('hex'),
    remote,
    remoteLength,
    rawDlc,
    fd,
    bitrateSwitch,
    errorStateIndicator,
  }
}

/** The next `count` frames that a node hears. */
export function hear(node: CanBus, count: number): Promise<ReceivedCanFrame[]> {
  return new Promise((resolve, reject) => {
    const frames: ReceivedCanFrame[] = []
    const finish = (outcome: () => void) => {
      clearTimeout(deadline)
      unsubscribe()
      outcome()
    }
    const deadline = setTimeout(
      () =>
        finish(() =>
          reject(new Error(`${frames.length} of ${count} frames came; lost: ${node.lost.frames}`)),
        ),
      ARRIVAL_DEADLINE_MS,
    )
    const unsubscribe = node.onFrame((frame) => {
      frames.push(frame)
      if (frames.length === count) finish(() => resolve(frames))
    })
  })
}

/** Sends frames from one node; the other must hear the same, in the same order. */
export async function requireArrival(from: CanBus, to: CanBus, frames: readonly CanFrame[]): Promise<void> {
  const heard = hear(to, frames.length)
  for (const frame of frames) await from.send(frame)
  assert.deepEqual((await heard).map(content), frames.map(content))
}
