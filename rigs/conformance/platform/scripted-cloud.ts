import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { messageCheck } from '../../../reference/contracts/contract.js'
import type { PlatformEvent, PlatformEventType } from '../../../reference/contracts/platform-api.js'
import { Inbox } from '../inbox.js'

const checkEvent = messageCheck<PlatformEvent>('platform.openapi', 'PlatformEvent')

export interface Delivery {
  readonly event: PlatformEvent
  readonly body: string
  readonly timestamp: string
  readonly signature: string
}

/** The cloud's end of the webhooks. */
export interface ScriptedCloud {
  readonly url: string
  readonly deliveries: Inbox<Delivery>
  /** The status of each answer to come; 204 when there is none. */
  readonly answers: number[]
  /** The status for an event, whatever `answers` says; changed by tests. */
  refuses: (event: PlatformEvent) => number | undefined
  event(type: PlatformEventType): Promise<PlatformEvent>
  close(): Promise<void>
}

export async function startScriptedCloud(): Promise<ScriptedCloud> {
  const deliveries = new Inbox<Delivery>('the cloud')
  const answers: number[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const event = checkEvent(JSON.parse(body))
      deliveries.push({
        event,
        body,
        timestamp: String(request.headers['x-lockstep-timestamp']),
        signature: String(request.headers['x-lockstep-signature']),
      })
      response.writeHead(cloud.refuses(event) ?? answers.shift() ?? 204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cloud: ScriptedCloud = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/platform/events`,
    deliveries,
    answers,
    refuses: () => undefined,
    event: async (type) => (await deliveries.next(({ event }) => event.type === type)).event,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  return cloud
}
