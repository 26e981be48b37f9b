import type { CanBus, CanFrame } from '../../../reference/ports/can-bus.js'
import { seededRandom } from '../seeded-random.js'
import type { DelayFault, Mend, SeededFault } from './wire-faults.js'
import type { Wire } from './wire.js'

export interface BabbleFault {
  /** 0, which wins every arbitration, unless told. */
  readonly id?: number
  readonly extended?: boolean
  /** Of the eight bytes that it sends each time. */
  readonly seed: number
}

/** Faults of the wire and of the nodes on it. Each gives back what mends it; a second call of that does nothing. */
export interface MemoryCanFaults {
  /** Frames do not reach a node's listeners, or nobody's where `nodeName` is undefined; they count as lost there. */
  lose(nodeName: string | undefined, fault: SeededFault): Mend
  /**
   * Bits are spoilt on their way to these nodes, or to all, which the CRC shows them: an error frame, and the frame is
   * sent again. A node in error-passive cannot make that known; if others acknowledge, it has lost the frame, counted.
   */
  corrupt(nodeNames: readonly string[] | undefined, fault: SeededFault): Mend
  /** One bit of the data arrives wrong, and no CRC shows it; what end-to-end protection is for. */
  corruptPastCrc(nodeName: string | undefined, fault: SeededFault): Mend
  /** Frames reach a node's listeners later, by bus time. */
  delay(nodeName: string | undefined, fault: DelayFault): Mend
  /**
   * A node of its own, `babbling idiot`, that has a frame ready at every arbitration. In virtual time the bus goes on
   * for as long as it babbles.
   */
  babble(fault: BabbleFault): Mend
  /**
   * Something holds the bus dominant: nobody sends until it is mended. The node whose frame was on the wire goes
   * bus-off within some 270 bits, the others error-passive, those with frames that wait among them: on a dominant bus
   * they are receivers. What holds a bus down is not cut off after a while, as a transceiver's time-out would do.
   */
  stickDominant(): Mend
  /**
   * The node's plug is pulled: what is sent passes it by, uncounted since it cannot know. Its own frames wait; its
   * controller goes error-passive, as nobody acknowledges.
   */
  disconnect(nodeName: string): Mend
}

const BABBLER = 'babbling idiot'

function babble(node: CanBus, { id = 0, extended = false, seed }: BabbleFault): Mend {
  const random = seededRandom(seed)
  const next = (): CanFrame => ({
    id,
    extended,
    data: Uint8Array.from({ length: 8 }, () => Math.floor(random() * 256)),
  })
  // Ends when the node is closed, or when it is bus-off for good.
  const goOn = (): void => void node.send(next()).then(goOn, () => undefined)
  goOn()
  return () => void node.close()
}

export function openFaults(wire: Wire, join: (nodeName: string) => CanBus): MemoryCanFaults {
  return {
    lose: (nodeName, fault) => wire.faults.lose(nodeName, fault),
    corrupt: (nodeNames, fault) => wire.faults.corrupt(nodeNames, fault),
    corruptPastCrc: (nodeName, fault) => wire.faults.corruptPastCrc(nodeName, fault),
    delay: (nodeName, fault) => wire.faults.delay(nodeName, fault),
    babble: (fault) => babble(join(BABBLER), fault),
    stickDominant: () => wire.stick(),
    disconnect: (nodeName) => wire.disconnect(nodeName),
  }
}
