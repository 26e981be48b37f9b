import { ownFrame, requireCarried } from '../../../reference/can/can-frame-check.js'
import { phaseBits } from '../../../reference/can/frame-bits.js'
import {
  CanBusClosed,
  CanBusFault,
  CanSendQueueFull,
  type CanFeatures,
  type CanFrame,
} from '../../../reference/ports/can-bus.js'
import { arbitrationValue } from './arbitration.js'
import { LoadMeter, type BusLoad } from './bus-load.js'
import { BusTime, type Pace } from './bus-time.js'
import { BusOffRecovery } from './bus-off-recovery.js'
import { WIRE_ERRORS } from './controller.js'
import { Delivery, type TapListener } from './delivery.js'
import type { QueuedFrame } from './send-queue.js'
import { ALONE_EXTRA_BITS, SUSPENSION_BITS, Transmission, arbitrate } from './transmission.js'
import { WireFaults, type Mend } from './wire-faults.js'
import { holdDominant } from './stuck-bus.js'
import type { WireNode } from './wire-node.js'

export interface WireSettings {
  readonly bitrate: number
  readonly dataBitrate: number
  readonly pace: Pace
  readonly features: CanFeatures
}

/** Error delimiter and intermission. */
const AFTER_STUCK_BITS = 8 + 3

const busOff = (nodeName: string) =>
  new CanBusFault(
    `node ${nodeName} is bus-off: more than 255 transmit errors; nothing was sent. ` +
      `Mend the bus, then call restart(), or open the node with restartMs`,
  )

function once(mend: Mend): Mend {
  let mended = false
  return () => {
    if (mended) return
    mended = true
    mend()
  }
}

/** The wire that nodes share: one frame after the other, in bus time. */
export class Wire {
  readonly faults = new WireFaults()
  readonly taps = new Set<TapListener>()
  readonly time: BusTime
  readonly #delivery: Delivery
  readonly #load = new LoadMeter()
  readonly #bitUs: number
  readonly #dataBitUs: number
  /** Replaced, never changed: who goes through it may find nodes gone, but none new. */
  #nodes: readonly WireNode[] = []
  readonly #recovery: BusOffRecovery
  #current: Transmission | undefined
  /** Since when the bus is idle, microseconds of bus time; Infinity while something holds it down. */
  #freeAtUs = 0
  #stuckSinceUs: number | undefined
  #stuck = 0
  #release: Mend | undefined
  /** In virtual time a lone node's frame is not repeated for ever: not while nothing can change and nobody waits. */
  #futile = false

  constructor(private readonly settings: WireSettings) {
    this.#bitUs = 1_000_000 / settings.bitrate
    this.#dataBitUs = 1_000_000 / settings.dataBitrate
    this.time = new BusTime(
      settings.pace,
      () => this.#proceed(),
      () => this.#current?.endUs ?? Infinity,
    )
    this.#delivery = new Delivery(this.taps, this.faults, this.time)
    this.#recovery = new BusOffRecovery(this.#bitUs)
  }

  get nodes(): readonly WireNode[] {
    return this.#nodes
  }

  load(): BusLoad {
    const { nowUs } = this.time
    if (this.#stuckSinceUs !== undefined) this.#stuckSinceUs = this.#addLoad(this.#stuckSinceUs, nowUs)
    return this.#load.load(nowUs)
  }

  join(node: WireNode): void {
    this.#nodes = [...this.#nodes, node]
    this.#changed()
  }

  leave(node: WireNode): void {
    if (node.left) return
    node.left = true
    this.#nodes = this.#nodes.filter((each) => each !== node)
    this.#recovery.forget(node)
    node.reception.end()
    // What is on the wire nobody can call back.
    const onWire = this.#isSending(node) ? node.queue.head : undefined
    for (const queued of node.queue.takeAll()) {
      if (queued === onWire) node.queue.push(queued)
      else queued.reject(new CanBusClosed())
    }
  }

  send(node: WireNode, given: CanFrame): Promise<void> {
    if (node.left) return Promise.reject(new CanBusClosed())
    let frame: CanFrame
    try {
      frame = ownFrame(given)
      requireCarried(frame, this.settings.features)
    } catch (refusal) {
      const named: Error = refusal as Error
      return Promise.reject(named)
    }
    if (node.controller.busOff && node.restartMs === undefined) return Promise.reject(busOff(node.name))
    if (node.queue.length - (this.#isSending(node) ? 1 : 0) >= node.sendQueue) {
      return Promise.reject(new CanSendQueueFull(node.sendQueue))
    }
    return new Promise((resolve, reject) => {
      const { nominal, data } = phaseBits(frame)
      const durationUs = nominal * this.#bitUs + data * this.#dataBitUs
      this.#changed()
      const queuedAtUs = this.time.nowUs
      const arbitration = arbitrationValue(frame)
      node.queue.push({ frame, arbitration, durationUs, queuedAtUs, resolve, reject })
      if (!node.connected) this.#tryAlone(node)
    })
  }

  /** Begins the recovery of a node that is bus-off. */
  restart(node: WireNode, afterUs = 0): void {
    if (!node.controller.busOff || node.left) return
    if (this.#recovery.begin(node, this.time.nowUs + afterUs)) this.#changed()
  }

  /** Something holds the bus dominant until the fault is mended. */
  stick(): Mend {
    if (this.#stuck++ === 0) this.#beginStuck()
    return once(() => {
      if (--this.#stuck === 0) this.#endStuck()
    })
  }

  /** The plugs of the nodes with this name are pulled until the fault is mended. */
  disconnect(nodeName: string): Mend {
    const nodes = this.#nodes.filter(({ name, connected }) => connected && name === nodeName)
    for (const node of nodes) {
      if (this.#isSending(node)) this.#current?.breakOff()
      node.connected = false
      this.#tryAlone(node)
    }
    return once(() => {
      for (const node of nodes) {
        node.connected = true
        node.joinedAtUs = this.time.nowUs
      }
      this.#changed()
    })
  }

  /** What nodes could not do before they may be able to do now. */
  #changed(): void {
    this.#futile = false
    if (!this.#current) this.time.wake()
  }

  #isAlone(node: WireNode): boolean {
    return !this.#nodes.some((other) => other !== node && other.present)
  }

  #isSending(node: WireNode): boolean {
    return (
      this.#current !== undefined &&
      (this.#current.sender === node || this.#current.companions.includes(node))
    )
  }

  /** Does what is due, up to the end of a frame or an alarm; then the nodes have a turn. */
  #proceed(): void {
    for (;;) {
      const alarmUs = this.time.nextAlarmUs
      const recoveryUs = this.#current ? Infinity : this.#recovery.nextUs(this.#freeAtUs)
      const frameUs = this.#current?.endUs ?? this.#nextStartUs(Math.min(alarmUs, recoveryUs) === Infinity)
      const nextUs = Math.min(alarmUs, recoveryUs, frameUs)
      if (nextUs === Infinity) return
      if (!this.time.isDue(nextUs)) return this.time.wakeAt(nextUs)
      this.time.moveTo(nextUs)
      if (nextUs === frameUs && this.#current === undefined && alarmUs > nextUs && recoveryUs > nextUs) {
        this.#start(nextUs)
        continue
      }
      this.time.settle()
      if (nextUs === alarmUs) this.time.ringNext()
      else if (nextUs === recoveryUs) this.#recover(nextUs)
      else this.#end(this.#current as Transmission)
      return
    }
  }

  #nextStartUs(waitsForNothing: boolean): number {
    if (this.#freeAtUs === Infinity || (this.#futile && waitsForNothing)) return Infinity
    let readyUs = Infinity
    for (const node of this.#nodes) readyUs = Math.min(readyUs, node.readyUs)
    return Math.max(readyUs, this.#freeAtUs)
  }

  #start(startUs: number): void {
    const { winner, contenders } = arbitrate(this.#nodes, startUs) as NonNullable<
      ReturnType<typeof arbitrate>
    >
    const queued = winner.queue.head as QueuedFrame
    const sight = this.faults.sight(queued.frame)
    const sees = sight && ((node: WireNode) => sight(node.name))
    this.#current = new Transmission(this.#nodes, winner, queued, contenders, startUs, this.#bitUs, sees)
    this.#recovery.idle(this.#freeAtUs, startUs)
  }

  #end(transmission: Transmission): void {
    const { sender, companions, startUs, endUs } = transmission
    this.#current = undefined
    this.#freeAtUs = endUs
    this.#addLoad(startUs, endUs)
    // Before anyone hears of it, since a listener may close the node.
    for (const node of [sender, ...companions]) this.#endFor(transmission, node)
    transmission.count()
    for (const node of transmission.transmitters) {
      if (node.controller.passive) node.suspendedUntilUs = endUs + SUSPENSION_BITS * this.#bitUs
    }
    this.#recovery.frameEnded(endUs)
    this.#futile = this.settings.pace === 'virtual' && sender.controller.passive && this.#isAlone(sender)
    if (transmission.succeeds) this.#delivery.deliver(transmission, this.#nodes)
    this.#noticeBusOff()
  }

  #endFor({ succeeds }: Transmission, node: WireNode): void {
    const { resolve, reject } = node.queue.head as QueuedFrame
    if (!succeeds && !node.left) return
    node.queue.shift()
    // Whoever awaits `send` goes on a microtask later, when the listeners have heard the frame.
    if (succeeds) resolve()
    else reject(new CanBusClosed())
  }

  #recover(nowUs: number): void {
    for (const node of this.#recovery.takeDone(this.#freeAtUs, nowUs)) {
      node.joinedAtUs = nowUs
      node.controller.recover()
    }
    this.#futile = false
  }

  #noticeBusOff(): void {
    for (const node of this.#nodes) {
      if (node.controller.busOff && node.restartMs !== undefined) this.restart(node, node.restartMs * 1_000)
    }
  }

  #beginStuck(): void {
    const { nowUs } = this.time
    const broken = this.#current
    this.#current = undefined
    if (broken) this.#addLoad(broken.startUs, nowUs)
    this.#stuckSinceUs = nowUs
    this.#freeAtUs = Infinity
    const senders = broken?.transmitters ?? []
    for (const node of senders) {
      if (node.left) for (const { reject } of node.queue.takeAll()) reject(new CanBusClosed())
    }
    const { time } = this
    const onBusOff = () => this.#noticeBusOff()
    const nodes = this.#nodes.filter(({ present }) => present)
    this.#release = holdDominant(nodes, senders, { time, bitUs: this.#bitUs, onBusOff })
  }

  #endStuck(): void {
    this.#release?.()
    const { nowUs } = this.time
    this.#addLoad(this.#stuckSinceUs as number, nowUs)
    this.#stuckSinceUs = undefined
    this.#freeAtUs = nowUs + AFTER_STUCK_BITS * this.#bitUs
    this.#changed()
  }

  /** A node without a bus still sends: nobody acknowledges, and it ends error-passive, no worse. */
  #tryAlone(node: WireNode): void {
    const { head } = node.queue
    if (node.connected || node.triesAlone || !head || node.controller.passive || node.controller.busOff)
      return
    node.triesAlone = true
    this.time.setAlarm(this.time.nowUs + head.durationUs + ALONE_EXTRA_BITS * this.#bitUs, () => {
      node.triesAlone = false
      if (node.connected || node.left) return
      node.controller.failedToSend(8, WIRE_ERRORS.noAcknowledgement)
      this.#tryAlone(node)
    })
  }

  #addLoad(fromUs: number, toUs: number): number {
    this.#load.add(fromUs, toUs)
    return toUs
  }
}
