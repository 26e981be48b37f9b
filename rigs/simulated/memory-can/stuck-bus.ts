import type { BusTime } from './bus-time.js'
import { WIRE_ERRORS } from './controller.js'
import type { WireNode } from './wire-node.js'

/** Six equal bits are an error; a flag of six follows. */
const BITS_TO_ERROR = 6
const BITS_TO_DOMINANT_AFTER_FLAG = BITS_TO_ERROR + 7
/** Rule f: at the 14th dominant bit since the flag began, and at every eighth after it. */
const BITS_TO_FIRST_STEP = BITS_TO_ERROR + 14
const STEP_BITS = 8
/** By then the transmitter is bus-off, and the counters of the receivers can rise no more. */
const STEPS = 32

/**
 * What the controllers make of a bus that something holds dominant (ISO 11898-1:2015, 12.1.4.2, rules a, b, c and f):
 * who was sending goes bus-off, the others error-passive, since the receive error counter makes nobody bus-off.
 * @param nodes those that are on the bus when it begins
 * @param senders those of them whose frame was on the wire
 * @returns ends it
 */
export function holdDominant(
  nodes: readonly WireNode[],
  senders: readonly WireNode[],
  {
    time,
    bitUs,
    onBusOff,
  }: { readonly time: BusTime; readonly bitUs: number; readonly onBusOff: () => void },
): () => void {
  let held = true
  const sinceUs = time.nowUs
  const receivers = nodes.filter((node) => !senders.includes(node))
  const after = (bits: number, happen: () => void) =>
    time.setAlarm(sinceUs + bits * bitUs, () => {
      if (!held) return
      happen()
      onBusOff()
    })
  const present = (among: readonly WireNode[]) => among.filter((node) => node.present)
  const step = (number: number) => {
    for (const { controller } of present(senders)) controller.failedToSend(8)
    for (const { controller } of present(receivers)) controller.failedToReceive(8)
    if (number < STEPS) after(BITS_TO_FIRST_STEP + number * STEP_BITS, () => step(number + 1))
  }
  after(BITS_TO_ERROR, () => {
    for (const { controller } of present(senders)) controller.failedToSend(8, WIRE_ERRORS.ownBit)
    for (const { controller } of present(receivers)) controller.failedToReceive(1, WIRE_ERRORS.stuffing)
  })
  after(BITS_TO_DOMINANT_AFTER_FLAG, () => {
    for (const { controller } of present(receivers)) controller.failedToReceive(8)
  })
  after(BITS_TO_FIRST_STEP, () => step(1))
  return () => void (held = false)
}
