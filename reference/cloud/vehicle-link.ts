import { connectAsync } from 'mqtt'
import { ContractViolation, messageCheck } from '../contracts/contract.js'
import { vehicleTopics, type VehicleCommand, type VehicleEvent } from '../contracts/vehicle-link.js'
import type { BrokerAccess } from '../ports/broker-access.js'
import { MinuteLimit } from '../minute-limit.js'
import type { EventLog } from '../ports/event-log.js'
import { pacedByVehicle, VEHICLE_MESSAGES_PER_MINUTE } from './vehicle-pace.js'

/** Wall time that the broker has to take a command. */
const PUBLISH_TIMEOUT_MS = 3000

const checkEvent = messageCheck<VehicleEvent>('vehicle-link.asyncapi', 'Event')

/** Thrown at the start, when the broker does not let the cloud in. */
export class BrokerUnreachable extends Error {
  override readonly name = 'BrokerUnreachable'
  constructor(url: string, options: ErrorOptions) {
    super(
      `the broker at ${url} does not let the cloud in; is it running, and are the credentials right?`,
      options,
    )
  }
}

/** The cloud's end of the wire to the T-BOXes (vehicle-link.asyncapi.yaml). */
export interface VehicleLink {
  /** Commands go out in the order of the calls. `unsent` when the broker does not take it in time. Never rejects. */
  send(vehicleId: string, command: VehicleCommand, correlationId: string): Promise<'sent' | 'unsent'>
  close(): Promise<void>
}

export interface VehicleLinkDeps {
  readonly log: EventLog
  readonly newId: () => string
  readonly onEvent: (vehicleId: string, event: VehicleEvent) => void
  /** The broker was lost, and is there again. */
  readonly onReconnected: () => void
}

/** @throws BrokerUnreachable */
export async function connectVehicles(
  broker: BrokerAccess,
  { log, newId, onEvent, onReconnected }: VehicleLinkDeps,
): Promise<VehicleLink> {
  const { url, username, password, ca } = broker
  const client = await connectAsync(
    url,
    {
      clientId: `cloud-${newId()}`,
      username,
      password,
      reconnectPeriod: 500,
      connectTimeout: 5000,
      ...(ca !== undefined && { ca }),
    },
    false,
  ).catch((cause: unknown) => {
    throw new BrokerUnreachable(url, { cause })
  })
  client.on('error', (error) => log.record('broker-error', { reason: error.message }))
  const pace = new MinuteLimit(VEHICLE_MESSAGES_PER_MINUTE)
  const take = (vehicleId: string, payload: Buffer) => {
    try {
      const event = checkEvent(JSON.parse(payload.toString('utf8')))
      log.record('vehicle-event', { vehicleId, ...event }, event.correlationId)
      onEvent(vehicleId, event)
    } catch (error) {
      const reason = error instanceof ContractViolation ? error.message : 'it is not JSON'
      log.record('vehicle-event-malformed', { vehicleId, reason })
    }
  }
  const takePaced = pacedByVehicle(take, pace, log)
  client.on('message', (topic, payload) => void takePaced(topic.split('/')[1] ?? '', payload))
  try {
    await client.subscribeAsync(vehicleTopics.events('+'), { qos: 1 })
  } catch (cause) {
    pace.close()
    await client.endAsync(true)
    throw new BrokerUnreachable(url, { cause })
  }
  client.on('connect', onReconnected)

  return {
    async send(vehicleId, command, correlationId) {
      // mqtt.js would keep it and send it once the broker is back, beside the repetition.
      if (!client.connected) return 'unsent'
      const published = client
        .publishAsync(vehicleTopics.commands(vehicleId), JSON.stringify(command), { qos: 1 })
        .then(
          () => 'sent' as const,
          () => 'unsent' as const,
        )
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<'unsent'>((resolve) => {
        timer = setTimeout(() => resolve('unsent'), PUBLISH_TIMEOUT_MS)
      })
      const outcome = await Promise.race([published, late])
      clearTimeout(timer)
      log.record(
        `vehicle-command-${outcome}`,
        { vehicleId, type: command.type, state: command.state },
        correlationId,
      )
      return outcome
    },
    async close() {
      pace.close()
      await client.endAsync(true)
    },
  }
}
