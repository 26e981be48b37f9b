import { ContractViolation, messageCheck } from '../../../reference/contracts/contract.js'
import type { ContractWatch } from './contract-watch.js'
import type { WireLog } from './wire-log.js'
import { WIRES, type WireName } from './wires.js'

export interface Publication {
  /** The identity that the broker authenticated; undefined where only the broker knows it. */
  readonly username: string | undefined
  readonly topic: string
  readonly payload: Buffer
}

/** One kind of topic: who may write there, and what. */
interface TopicContract {
  readonly wire: WireName
  readonly topic: RegExp
  /** Who is to blame, by what the topic is for. */
  readonly party: string
  readonly to: string
  /** The user name that must have sent it, from the topic's id. */
  readonly sender: (id: string) => string
  readonly check: (message: unknown) => unknown
}

/** @param services user names of the platform and the cloud at the broker */
export function topicContracts(services: {
  readonly platform: string
  readonly cloud: string
}): TopicContract[] {
  const lock = (schema: string) => messageCheck('lock-link.asyncapi', schema)
  const vehicle = (schema: string) => messageCheck('vehicle-link.asyncapi', schema)
  const own = (id: string) => id
  return [
    {
      wire: 'lock',
      topic: /^locks\/([^/]+)\/commands$/,
      party: 'platform',
      to: 'lock',
      sender: () => services.platform,
      check: lock('Command'),
    },
    {
      wire: 'lock',
      topic: /^locks\/([^/]+)\/events$/,
      party: 'lock',
      to: 'platform',
      sender: own,
      check: lock('Event'),
    },
    {
      wire: 'lock',
      topic: /^locks\/([^/]+)\/status$/,
      party: 'lock',
      to: 'platform',
      sender: own,
      check: lock('Status'),
    },
    {
      wire: 'vehicle',
      topic: /^vehicles\/([^/]+)\/commands$/,
      party: 'cloud',
      to: 'T-BOX',
      sender: () => services.cloud,
      check: vehicle('Command'),
    },
    {
      wire: 'vehicle',
      topic: /^vehicles\/([^/]+)\/events$/,
      party: 'T-BOX',
      to: 'cloud',
      sender: own,
      check: vehicle('Event'),
    },
  ]
}

/** Logs and judges what goes over the broker. */
export function watchBroker(
  contracts: readonly TopicContract[],
  log: WireLog,
  watch: ContractWatch,
): (publication: Publication) => void {
  return ({ username, topic, payload }) => {
    for (const contract of contracts) {
      const id = contract.topic.exec(topic)?.[1]
      if (id === undefined) continue
      const body = parseJson(payload)
      const violation =
        username === undefined || username === contract.sender(id)
          ? violationOf(contract, body)
          : `${username} wrote to ${topic}`
      watch.saw(WIRES[contract.wire].wire, contract.party, violation)
      const { type, correlationId } = (body ?? {}) as { type?: string; correlationId?: string }
      log.record({
        wire: contract.wire,
        from: contract.party,
        to: contract.to,
        name: type ?? topic.split('/').at(-1) ?? topic,
        body: { topic, ...(body as object) },
        ...(correlationId && { correlationId }),
      })
      return
    }
    watch.saw(
      WIRES.lock.wire,
      username ?? 'somebody',
      `${username ?? 'somebody'} wrote to ${topic}, which no contract has`,
    )
  }
}

function violationOf({ check }: TopicContract, body: unknown): string | undefined {
  try {
    check(body)
    return undefined
  } catch (error) {
    if (error instanceof ContractViolation) return error.violations.join('; ')
    throw error
  }
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
