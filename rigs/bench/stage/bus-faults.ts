import { parkingBus } from '../../../reference/contracts/parking-bus.js'
import type { CanFrame } from '../../../reference/ports/can-bus.js'
import {
  first,
  flipping,
  losing,
  masquerading,
  repeating,
  sticking,
  type FrameChoice,
  type FrameFault,
} from '../wires/faulty-can-line.js'

/** What can go wrong with the plan's frames on their way to the head unit. */
export const BUS_FAULTS = [
  'a flipped bit',
  'a repeated frame',
  'a lost frame',
  'a stuck counter',
  'a foreign frame',
] as const
export type BusFault = (typeof BUS_FAULTS)[number]

const has = (message: { readonly id: number }) => (frame: CanFrame) => frame.id === message.id
const { latitude, longitude, info } = parkingBus
/** In the plan's price: a flip that would pass as a value. */
const PRICE_BIT = 41

/** @param scope `once`: the first frame only; `lasting`: all of them until the fault is mended */
export function busFault(fault: BusFault, scope: 'once' | 'lasting'): FrameFault {
  const choose = (choice: FrameChoice) => (scope === 'once' ? first(1, choice) : choice)
  switch (fault) {
    case 'a flipped bit':
      return flipping(choose(has(info)), PRICE_BIT)
    case 'a repeated frame':
      return repeating(choose(has(info)))
    case 'a lost frame':
      return losing(choose(has(info)))
    case 'a stuck counter':
      return sticking(choose(has(info)))
    case 'a foreign frame':
      return masquerading(choose(has(longitude)), has(latitude))
  }
}

/** The label on its way, but for its first frame: what follows is lost. */
export const labelsLost: FrameFault = losing(
  ({ id, data }) => id === parkingBus.labelTransport.id && isConsecutive(data),
)

/** ISO 15765-2: the high nibble of the first byte tells the kind of a transport frame; 2 is a consecutive one. */
const isConsecutive = (data: Uint8Array) => (data[0] ?? 0) >> 4 === 2
