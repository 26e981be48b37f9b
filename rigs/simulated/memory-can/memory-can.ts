import {
  CanBusClosed,
  type CanBus,
  type CanFeatures,
  type CanFrame,
} from '../../../reference/ports/can-bus.js'
import type { BusLoad } from './bus-load.js'
import type { Pace } from './bus-time.js'
import type { CanController } from './controller.js'
import { openFaults, type MemoryCanFaults } from './memory-can-faults.js'
import type { TapListener } from './delivery.js'
import { Wire } from './wire.js'
import { WireNode, type MemoryCanNodeOptions } from './wire-node.js'

export type { BusLoad, CanController, MemoryCanFaults, MemoryCanNodeOptions, Pace, TapListener }
export type { ControllerState } from './controller.js'
export type { DelayFault, Mend, SeededFault } from './wire-faults.js'

export interface MemoryCanOptions {
  /** Bits a second, 1,000…8,000,000; 500,000 unless told. */
  readonly bitrate?: number
  /** Of the data phase of CAN FD frames with BRS; 2,000,000 unless told, or the bit rate where that is higher. */
  readonly dataBitrate?: number
  /** A bus that carries no CAN FD; false unless told. */
  readonly classic?: boolean
  /**
   * `real`, unless told: frames take as long as on a wire, by the wall clock. `virtual`: time goes by with what is
   * sent, as fast as the processor can; no timer is set, and the same calls give the same frames at the same times.
   */
  readonly pace?: Pace
  /** For nodes that do not say otherwise, see `MemoryCanNodeOptions`. */
  readonly restartMs?: number
}

/** A node on a memory bus. */
export interface MemoryCanNode extends CanBus {
  readonly controller: CanController
  /** Ends bus-off, as `ip link set can0 type can restart` does: after 128 times 11 recessive bits; else does nothing. */
  restart(): void
}

/**
 * A CAN bus inside this process (ISO 11898-1:2015): frames take as long as on a wire, one after the other, and of
 * those that wait the one with the lowest id goes first. A frame that no other node acknowledges, or that a fault
 * spoils, ends in an error frame, moves the error counters and is sent again: so a node alone on its bus goes
 * error-passive and repeats its frame until another joins. In virtual time it repeats it no more once nothing can
 * change and nobody waits for a moment: time stands still until something happens.
 *
 * Bus-off is as on Linux: with `restartMs` frames wait for the recovery; without, those that wait stay, and new ones
 * are refused with a CanBusFault until `restart` is called.
 *
 * Two nodes that send the same id with other content at the same time collide, as on a wire. Error frames are reported
 * as by Linux's drivers with `berr-reporting on`. Receivers share this thread, so that none is too slow: nothing is
 * lost but by a fault.
 */
export interface MemoryCan {
  /** Adds a node. It takes part in frames that begin from then on. */
  join(nodeName: string, options?: MemoryCanNodeOptions): MemoryCanNode
  /** @returns unsubscribe */
  tap(listener: TapListener): () => void
  /**
   * A fault: frames that `predicate` is true for do not reach the node, and count as lost there.
   * @returns mends it
   */
  dropTo(nodeName: string, predicate: (frame: CanFrame) => boolean): () => void
  readonly faults: MemoryCanFaults
  /** How much of its time the bus carried bits: frames, intermissions, error frames, and what held it down. */
  load(): BusLoad
  /** Bus time, microseconds since the bus began. */
  readonly nowUs: number
  /** Resolves when the bus has come to that moment; in virtual time idle stretches are leapt over. */
  waitUntil(atUs: number): Promise<void>
  /** Closes every node; frames that wait are refused with CanBusClosed. */
  close(): Promise<void>
}

const BITRATES = { min: 1_000, max: 8_000_000 }
const DEFAULT_DATA_BITRATE = 2_000_000

function requireBitrate(name: string, bitrate: number): void {
  if (!(bitrate >= BITRATES.min && bitrate <= BITRATES.max)) {
    throw new RangeError(`${name} is ${bitrate}, not ${BITRATES.min}…${BITRATES.max} bits a second`)
  }
}

const featuresOf = (fd: boolean): CanFeatures => ({
  fd,
  remote: true,
  rawDlc: true,
  errorFrames: true,
  timestamps: 'bus',
  countsLoss: true,
  backEnd: 'memory',
})

/** @throws RangeError for a bit rate that no transceiver is made for */
export function createMemoryCan(options: MemoryCanOptions = {}): MemoryCan {
  const { bitrate = 500_000, classic = false, pace = 'real', restartMs } = options
  const { dataBitrate = Math.max(DEFAULT_DATA_BITRATE, bitrate) } = options
  requireBitrate('bitrate', bitrate)
  requireBitrate('dataBitrate', dataBitrate)
  const features = featuresOf(!classic)
  const wire = new Wire({ bitrate, dataBitrate, pace, features })
  const waiting = new Set<(error: Error) => void>()
  let closed = false

  function join(nodeName: string, nodeOptions: MemoryCanNodeOptions = {}): MemoryCanNode {
    if (closed) throw new CanBusClosed()
    const withRestart = restartMs === undefined ? nodeOptions : { restartMs, ...nodeOptions }
    const node = new WireNode(nodeName, withRestart, () => wire.time.nowUs)
    const { reception, controller } = node
    wire.join(node)
    return {
      send: (frame) => wire.send(node, frame),
      features,
      controller,
      restart: () => wire.restart(node),
      onFrame: reception.onFrame,
      onErrorFrame: reception.onErrorFrame,
      onLoss: reception.onLoss,
      onFault: reception.onFault,
      get lost() {
        return reception.lost
      },
      close: async () => wire.leave(node),
    }
  }

  return {
    join,
    tap(listener) {
      wire.taps.add(listener)
      return () => wire.taps.delete(listener)
    },
    dropTo: (nodeName, predicate) => wire.faults.drop(nodeName, predicate),
    faults: openFaults(wire, join),
    load: () => wire.load(),
    get nowUs() {
      return wire.time.nowUs
    },
    waitUntil(atUs) {
      if (closed) return Promise.reject(new CanBusClosed())
      if (!(atUs < Infinity)) return Promise.reject(new RangeError(`the bus never comes to ${atUs} µs`))
      return new Promise((resolve, reject) => {
        waiting.add(reject)
        wire.time.setAlarm(atUs, () => {
          waiting.delete(reject)
          resolve()
        })
      })
    },
    async close() {
      closed = true
      for (const node of wire.nodes) wire.leave(node)
      wire.taps.clear()
      wire.time.forgetAlarms()
      for (const reject of waiting) reject(new CanBusClosed())
      waiting.clear()
    },
  }
}
