import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import mqttPacket, { type IPublishPacket, type Packet } from 'mqtt-packet'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'

/** Towards the device, or from it. */
export type MqttWay = 'commands' | 'events'

/**
 * What becomes of a message on its way: `lost` reaches nobody though it was acknowledged, `doubled` comes twice, `held`
 * comes when it is released.
 */
export type MqttFault = 'lost' | 'doubled' | 'held'

/** A message that a device's link carries. */
export interface LinkMessage {
  readonly topic: string
  /** JSON; undefined when it is none. */
  readonly body: { readonly type?: string } | undefined
}

interface Rule {
  readonly way: MqttWay
  readonly fault: MqttFault
  readonly matches: (message: LinkMessage) => boolean
  left: number
}

/**
 * The connection of one device to its broker, whichever that is: passes every packet on, and plays faults that the
 * broker's acknowledgements hide. To the device it is plain TCP; to an `mqtts:` broker it is TLS.
 */
export class MqttLink {
  readonly #server = createServer((near) => this.#join(near))
  readonly #sockets = new Set<Socket>()
  #rules: Rule[] = []
  #held: (() => void)[] = []
  readonly #onHeld = new Set<() => void>()

  private constructor(private readonly broker: BrokerAccess) {}

  /** Listens on a free loopback port. @param broker as the device would reach it */
  static async open(broker: BrokerAccess): Promise<MqttLink> {
    const link = new MqttLink(broker)
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return link
  }

  /** How the device reaches the broker through this link. */
  get access(): BrokerAccess {
    const { username, password } = this.broker
    return { url: `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`, username, password }
  }

  /** Puts a fault on the link for the next `times` messages that match. */
  disturb(way: MqttWay, fault: MqttFault, matches: (message: LinkMessage) => boolean, times = 1): void {
    this.#rules.push({ way, fault, matches, left: times })
  }

  /** Whether the link holds so many messages within `deadlineMs` of wall time. */
  holds(count: number, deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (held: boolean) => {
        clearTimeout(timer)
        this.#onHeld.delete(look)
        resolve(held)
      }
      const timer = setTimeout(() => settle(false), deadlineMs)
      const look = () => this.#held.length >= count && settle(true)
      this.#onHeld.add(look)
      look()
    })
  }

  /** What was held goes on, in its order. */
  release(): void {
    const held = this.#held
    this.#held = []
    for (const send of held) send()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #join(near: Socket): void {
    const { protocol, hostname, port } = new URL(this.broker.url)
    const far =
      protocol === 'mqtts:'
        ? connectSecurely({
            host: hostname,
            port: Number(port) || 8883,
            servername: hostname,
            ca: this.broker.ca,
          })
        : connect({ host: hostname, port: Number(port) || 1883 })
    const commands = new Direction(far, near, (message) => this.#faultOf('commands', message), this.#hold)
    const events = new Direction(near, far, (message) => this.#faultOf('events', message), this.#hold)
    commands.acknowledgedBy(events)
    events.acknowledgedBy(commands)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one)
      one.setNoDelay()
      one.on('error', () => other.destroy())
      one.once('close', () => {
        other.destroy()
        this.#sockets.delete(one)
      })
    }
  }

  readonly #hold = (send: () => void) => {
    this.#held.push(send)
    for (const look of [...this.#onHeld]) look()
  }

  #faultOf(way: MqttWay, message: LinkMessage): MqttFault | undefined {
    const rule = this.#rules.find((rule) => rule.way === way && rule.left > 0 && rule.matches(message))
    if (!rule) return undefined
    rule.left--
    return rule.fault
  }
}

/** One way of a connection. Its publications are acknowledged by packets of the other way. */
class Direction {
  /** Message ids that the sender uses, and those of packets that the link itself has sent. */
  readonly #inFlight = new Set<number>()
  readonly #own = new Set<number>()
  #acknowledgements: Direction | undefined

  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly faultOf: (message: LinkMessage) => MqttFault | undefined,
    private readonly hold: (send: () => void) => void,
  ) {
    const parser = mqttPacket.parser({ protocolVersion: 4 })
    parser.on('packet', (packet: Packet) => this.#pass(packet))
    parser.on('error', () => from.destroy())
    from.on('data', (part: Buffer) => parser.parse(part))
  }

  acknowledgedBy(other: Direction): void {
    this.#acknowledgements = other
  }

  #pass(packet: Packet): void {
    if (packet.cmd === 'puback') {
      // Of a packet of the link's own the sender knows nothing.
      if (this.#acknowledgements?.settle(packet.messageId ?? 0)) return
    } else if (packet.cmd === 'publish') {
      return this.#publish(packet)
    }
    this.write(packet)
  }

  #publish(packet: IPublishPacket): void {
    const fault = this.faultOf({ topic: packet.topic, body: parseJson(packet.payload) })
    if (fault === undefined || fault === 'doubled') {
      if (packet.qos > 0) this.#inFlight.add(packet.messageId ?? 0)
      this.write(packet)
    } else if (packet.qos > 0) {
      this.#acknowledgements?.write({ cmd: 'puback', messageId: packet.messageId ?? 0 })
    }
    if (fault === 'doubled') this.#sendOwn(packet)
    if (fault === 'held') this.hold(() => this.#sendOwn(packet))
  }

  #sendOwn(packet: IPublishPacket): void {
    if (packet.qos === 0) return this.write(packet)
    let messageId = 65_535
    while (this.#inFlight.has(messageId) || this.#own.has(messageId)) messageId--
    this.#own.add(messageId)
    this.write({ ...packet, dup: false, messageId })
  }

  /** @returns whether the acknowledged packet was the link's own */
  settle(messageId: number): boolean {
    this.#inFlight.delete(messageId)
    return this.#own.delete(messageId)
  }

  write(packet: Packet): void {
    if (!this.to.destroyed) this.to.write(mqttPacket.generate(packet, { protocolVersion: 4 }))
  }
}

function parseJson(payload: string | Buffer): LinkMessage['body'] {
  try {
    return JSON.parse(payload.toString()) as LinkMessage['body']
  } catch {
    return undefined
  }
}
