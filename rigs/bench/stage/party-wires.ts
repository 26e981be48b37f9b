import { connectAsync } from 'mqtt'
import type { PlatformEvent } from '../../../reference/contracts/platform-api.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import type { HttpFault } from '../wires/http-faults.js'
import type { HttpTap } from '../wires/http-tap.js'
import type { TappedRequest } from '../wires/tapped-http.js'
import type { MqttFault, MqttLink, MqttWay } from '../wires/mqtt-link.js'
import { WireSilent } from '../wires/wire-log.js'
import { RigFault } from '../rig-errors.js'

/** How long a device may take to send what its link is to hold, wall milliseconds. */
const HELD_MS = 10_000

export interface PartyWiresParts {
  readonly platformTap: HttpTap
  readonly webhookTap: HttpTap
  /** Connections of the devices that stand behind a link, by user name. */
  readonly links: ReadonlyMap<string, MqttLink>
  readonly brokerAccess: (username: string) => BrokerAccess
  /** Where the cloud takes webhooks, past the tap. */
  readonly cloudWebhook: string
}

/** What a party answered to a request of the bench's own. */
export interface PartyAnswer {
  readonly status: number
  /** JSON value, undefined when it was none. */
  readonly body: unknown
}

/** The wires between the parties as a scenario disturbs them, and messages of the bench's own on them. */
export class PartyWires {
  constructor(private readonly parts: PartyWiresParts) {}

  /** Puts a fault on the platform's next news of a type; of any type without one. */
  disturbNews(fault: HttpFault, type?: PlatformEvent['type'], times = 1): void {
    this.parts.webhookTap.disturb(fault, (request) => type === undefined || isOfType(request, type), times)
  }

  /** Puts a fault on the cloud's next request for a reservation. */
  disturbReservation(fault: HttpFault): void {
    const isReservation = ({ method, path }: TappedRequest) =>
      method === 'POST' && path === '/v1/reservations'
    this.parts.platformTap.disturb(fault, isReservation)
  }

  /** Puts a fault on the next messages of a type between a device and its broker; of any type without one. */
  disturbDevice(username: string, way: MqttWay, fault: MqttFault, type?: string, times = 1): void {
    const suffix = `/${way}`
    this.linkOf(username).disturb(
      way,
      fault,
      ({ topic, body }) => topic.endsWith(suffix) && (type === undefined || body?.type === type),
      times,
    )
  }

  /** Resolves when a device's link holds so many messages. @throws WireSilent */
  async deviceHolds(username: string, count: number): Promise<void> {
    const held = await this.linkOf(username).holds(count, HELD_MS)
    if (!held) throw new WireSilent(`${count} messages between ${username} and its broker`, HELD_MS)
  }

  /** What a device's link holds goes on. */
  releaseDevice(username: string): void {
    this.linkOf(username).release()
  }

  /** Publishes a message under a party's own user name at the broker. */
  async speakAs(username: string, topic: string, message: object): Promise<void> {
    const { url, ...credential } = this.parts.brokerAccess(username)
    const client = await connectAsync(url, { ...credential, clean: true, reconnectPeriod: 0 })
    try {
      await client.publishAsync(topic, JSON.stringify(message), { qos: 1 })
    } finally {
      await client.endAsync()
    }
  }

  /** A request to the platform, over the wire that a cloud uses. @param authorization the whole header; none without */
  async askPlatform(
    method: string,
    path: string,
    {
      authorization,
      body,
      headers = {},
    }: {
      readonly authorization?: string | undefined
      readonly body?: object | undefined
      readonly headers?: Readonly<Record<string, string>>
    },
  ): Promise<PartyAnswer> {
    const answer = await fetch(this.parts.platformTap.url + path, {
      method,
      headers: {
        ...headers,
        ...(authorization !== undefined && { authorization }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : parseJson(text) }
  }

  /** A webhook that is not the platform's own. @returns the cloud's status */
  async newsToCloud(body: string, headers: Readonly<Record<string, string>>): Promise<number> {
    const answer = await fetch(`${this.parts.cloudWebhook}/platform/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return answer.status
  }

  private linkOf(username: string): MqttLink {
    const link = this.parts.links.get(username)
    if (!link) throw new RigFault(`${username} does not stand behind a link of the bench on this rig`)
    return link
  }
}

function isOfType({ body }: TappedRequest, type: string): boolean {
  return (parseJson(body.toString('utf8')) as { type?: unknown } | undefined)?.type === type
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
