import { performance } from 'node:perf_hooks'
import { ownFrame } from '../../../reference/can/can-frame-check.js'
import { CanReception } from '../../../reference/can/can-reception.js'
import {
  CanBusClosed,
  type CanBus,
  type CanOpenOptions,
  type ReceivedCanFrame,
} from '../../../reference/ports/can-bus.js'

const CLOCKS_SINCE_1970: readonly string[] = ['kernel', 'host', 'server']

/**
 * Makes many nodes of one that is open already: what one of them sends, the others hear, as nodes of their own would.
 * @param bus stays open; it must not hear its own frames
 * @param nowUs microseconds since 1970
 * @returns adds a node
 */
export function shareBus(
  bus: CanBus,
  nowUs = () => Math.round((performance.timeOrigin + performance.now()) * 1_000),
): (options?: CanOpenOptions) => CanBus {
  const nodes = new Set<CanReception>()
  let lastUs = 0
  /** On a clock that cannot be asked, a frame of a node is as late as the last one from the bus. */
  const stamp = () => (CLOCKS_SINCE_1970.includes(bus.features.timestamps) ? nowUs() : lastUs)
  const toAll = (frame: ReceivedCanFrame, sender?: CanReception) => {
    lastUs = Math.max(lastUs, frame.timestampUs)
    for (const node of [...nodes]) {
      const own = node === sender ? { own: true as const } : {}
      node.deliver({ ...frame, data: frame.data.slice(), timestampUs: lastUs, ...own })
    }
  }
  bus.onFrame((frame) => toAll(frame))
  bus.onErrorFrame((frame) => nodes.forEach((node) => node.deliverError(frame)))
  let told = bus.lost
  bus.onLoss((lost) => {
    for (const node of [...nodes]) node.countLost(lost.frames - told.frames, lost.exact)
    told = lost
  })
  bus.onFault((fault) => nodes.forEach((node) => node.fail(fault)))

  return (options = {}) => {
    const reception = new CanReception(options)
    nodes.add(reception)
    return {
      features: bus.features,
      onFrame: reception.onFrame,
      onErrorFrame: reception.onErrorFrame,
      onLoss: reception.onLoss,
      onFault: reception.onFault,
      get lost() {
        return reception.lost
      },
      async send(frame) {
        if (!nodes.has(reception)) throw new CanBusClosed()
        const own = ownFrame(frame)
        await bus.send(own)
        toAll({ ...own, timestampUs: stamp() }, reception)
      },
      async close() {
        nodes.delete(reception)
        reception.end()
      },
    }
  }
}
