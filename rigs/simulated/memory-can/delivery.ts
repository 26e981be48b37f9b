import type { CanFrame, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import type { BusTime } from './bus-time.js'
import type { Transmission } from './transmission.js'
import type { WireFaults } from './wire-faults.js'
import type { WireNode } from './wire-node.js'

/** Hears every frame that goes over the wire, with the name of the node that sent it. */
export type TapListener = (frame: ReceivedCanFrame, sender: string) => void

/** A copy for one listener; the spelled-out case is that of nearly all frames, and much the faster. */
function receivedCopy(frame: CanFrame, timestampUs: number): ReceivedCanFrame {
  const { id, extended, data, remote, rawDlc, fd, bitrateSwitch, errorStateIndicator } = frame
  const flags = remote ?? rawDlc ?? fd ?? bitrateSwitch ?? errorStateIndicator
  if (flags === undefined) {
    return { id, extended, data: data.slice(), timestampUs }
  }
  return { ...frame, data: data.slice(), timestampUs }
}

/** Brings a frame that was sent to those who listen, through the faults that are on. */
export class Delivery {
  constructor(
    private readonly taps: ReadonlySet<TapListener>,
    private readonly faults: WireFaults,
    private readonly time: BusTime,
  ) {}

  deliver(transmission: Transmission, nodes: readonly WireNode[]): void {
    const { frame, sender, endUs } = transmission
    const timestampUs = Math.round(endUs)
    if (this.taps.size > 0) this.#tap(frame, timestampUs, sender.name)
    for (const node of nodes) {
      if (node === sender || transmission.companions.includes(node)) {
        if (node.receivesOwn) node.reception.deliver({ ...receivedCopy(frame, timestampUs), own: true })
      } else if (transmission.hears(node)) this.#reach(node, frame, endUs)
      else if (transmission.misses(node)) this.#lose(node, frame)
    }
  }

  #tap(frame: CanFrame, timestampUs: number, sender: string): void {
    for (const listener of [...this.taps]) {
      try {
        listener(receivedCopy(frame, timestampUs), sender)
      } catch (error) {
        // Its owner's bug surfaces, but the nodes hear the frame.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  #reach(node: WireNode, sent: CanFrame, endUs: number): void {
    if (!node.reception.accepts(sent as ReceivedCanFrame)) return
    const frame = this.faults.atNode(node.name, sent)
    if (frame === undefined) return node.reception.countLost(1)
    const arrivalUs = this.faults.arrivalUs(node.name, frame, endUs)
    const arrive = () => node.reception.deliver(receivedCopy(frame, Math.round(arrivalUs)))
    if (arrivalUs <= endUs) arrive()
    else this.time.setAlarm(arrivalUs, arrive)
  }

  #lose(node: WireNode, frame: CanFrame): void {
    if (node.reception.accepts(frame as ReceivedCanFrame)) node.reception.countLost(1)
  }
}
