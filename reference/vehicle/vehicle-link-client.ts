import mqtt, { type MqttClient } from 'mqtt'
import { messageCheck } from '../contracts/contract.js'
import { vehicleTopics, type VehicleCommand, type VehicleEvent } from '../contracts/vehicle-link.js'
import type { BrokerAccess } from '../ports/broker-access.js'
import type { EventLog } from '../ports/event-log.js'

/** Thrown when the T-BOX cannot get onto the vehicle link. */
export class VehicleLinkUnavailable extends Error {
  override readonly name = 'VehicleLinkUnavailable'
}

/** The vehicle's end of `vehicle-link.asyncapi.yaml`. */
export interface VehicleLink {
  /**
   * Subscribes to the vehicle's commands; resolves when the broker has granted it.
   * @param listener hears commands that hold to the contract; one may be a repetition
   * @throws VehicleLinkUnavailable
   */
  listen(listener: (command: VehicleCommand) => void): Promise<void>
  /** Called when the link was lost, is up again, and commands come again. */
  onReconnected(listener: () => void): void
  /** Resolves when the broker has taken the event (QoS 1). */
  publish(event: VehicleEvent): Promise<void>
  close(): Promise<void>
}

const checkCommand = messageCheck<VehicleCommand>('vehicle-link.asyncapi', 'Command')
const checkEvent = messageCheck<VehicleEvent>('vehicle-link.asyncapi', 'Event')
const AT_LEAST_ONCE = { qos: 1 } as const
/** Error returned by a broker in a SUBACK (MQTT 3.1.1, 3.9.3). */
const SUBSCRIPTION_REFUSED = 0x80
const RECONNECT_MS = 500

function connected(client: MqttClient, url: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (problem?: string, cause?: unknown) => {
      clearTimeout(deadline)
      client.off('connect', onConnect)
      client.off('error', onError)
      if (problem === undefined) return resolve()
      reject(
        new VehicleLinkUnavailable(`the broker ${url} ${problem}; is it up, and is the credential right?`, {
          cause,
        }),
      )
    }
    let lastError: Error | undefined
    const onConnect = () => settle()
    const onError = (error: Error & { code?: unknown }) => {
      lastError = error
      // A numeric code is the broker's own refusal (CONNACK); trying again would not change it.
      if (typeof error.code === 'number') settle(`refused the T-BOX: ${error.message}`, error)
    }
    const deadline = setTimeout(() => settle(`did not answer within ${timeoutMs} ms`, lastError), timeoutMs)
    client.on('connect', onConnect)
    client.on('error', onError)
  })
}

function readCommand(payload: Buffer, retained: boolean, log: EventLog): VehicleCommand | undefined {
  if (retained) {
    // It was meant for an earlier moment.
    log.record('command-refused', { reason: 'retained' })
    return undefined
  }
  try {
    return checkCommand(JSON.parse(payload.toString('utf8')))
  } catch (error) {
    log.record('command-refused', { reason: 'malformed', detail: (error as Error).message })
    return undefined
  }
}

/**
 * Connects a vehicle to the cloud. The session is clean, so that nothing that was queued while the vehicle was away
 * fires later.
 * @throws VehicleLinkUnavailable
 */
export async function openVehicleLink(
  vehicleId: string,
  broker: BrokerAccess,
  connectTimeoutMs: number,
  log: EventLog,
): Promise<VehicleLink> {
  const client = mqtt.connect(broker.url, {
    clientId: vehicleId,
    username: broker.username,
    password: broker.password,
    clean: true,
    resubscribe: false,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: connectTimeoutMs,
    ...(broker.ca === undefined ? {} : { ca: broker.ca }),
  })
  client.on('error', (error) => log.record('broker-error', { reason: error.message }))
  client.on('close', () => log.record('broker-link-closed'))
  try {
    await connected(client, broker.url, connectTimeoutMs)
  } catch (error) {
    await client.endAsync(true)
    throw error
  }
  const topic = vehicleTopics.commands(vehicleId)
  async function subscribe(): Promise<void> {
    const refused = `the broker ${broker.url} does not let the T-BOX read ${topic}`
    try {
      const grants = await client.subscribeAsync(topic, AT_LEAST_ONCE)
      if (grants.length > 0 && grants.every(({ qos }) => (qos as number) < SUBSCRIPTION_REFUSED)) return
    } catch (cause) {
      throw new VehicleLinkUnavailable(refused, { cause })
    }
    throw new VehicleLinkUnavailable(refused)
  }
  return {
    async listen(listener) {
      client.on('message', (_topic, payload, packet) => {
        const command = readCommand(payload, packet.retain, log)
        if (command) listener(command)
      })
      await subscribe()
    },
    onReconnected(listener) {
      // Who says that it is back must hear the answer: the subscription comes first.
      client.on('connect', () => {
        subscribe().then(listener, (error: unknown) => {
          log.record('subscription-lost', { reason: (error as Error).message })
        })
      })
    },
    async publish(event) {
      const payload = JSON.stringify(checkEvent(event))
      await client.publishAsync(vehicleTopics.events(vehicleId), payload, AT_LEAST_ONCE)
    },
    // A broker that is gone would keep a polite goodbye waiting.
    close: () => client.endAsync(!client.connected),
  }
}
