import type { RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bearerOf } from '../../../reference/http/bearer.js'
import { sourceOf, type Incoming } from '../../../reference/http/request-source.js'
import { createHttpServer } from '../../../reference/http/serve-http.js'
import type { EventLog } from '../../../reference/ports/event-log.js'
import { sameSecret } from '../../../reference/same-secret.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'

export interface ClockControl {
  readonly clock: ManualClock
  readonly url: string
  close(): Promise<void>
}

/**
 * A clock that another process moves (`party-control.openapi.yaml`): `PUT /clock` with `{"epochMs": …}` and the bearer
 * token; answers 204 once time stands there and what fell due has been started. `GET /clock` says where it stands.
 */
export async function openClockControl(options: {
  readonly host: string
  readonly port: number
  readonly token: string
  readonly startMs: number
  /** Gets who was refused: `control-refused`. */
  readonly log?: EventLog
}): Promise<ClockControl> {
  const clock = new ManualClock(options.startMs)
  const refuse = (request: Incoming, response: ServerResponse, status: number, reason: string) => {
    options.log?.record('control-refused', { source: sourceOf(request), reason })
    response.writeHead(status).end()
  }
  const handle: RequestListener = (request, response) => {
    if (!sameSecret(bearerOf(request.headers.authorization), options.token)) {
      return refuse(request, response, 401, 'credential-wrong')
    }
    if (request.url !== '/clock') return void response.writeHead(404).end()
    if (request.method === 'GET') {
      const time = JSON.stringify({ epochMs: clock.now() })
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(time)
    }
    if (request.method !== 'PUT') return void response.writeHead(405, { allow: 'GET, PUT' }).end()
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => {
      body += part
      if (body.length <= 1_000) return
      options.log?.record('control-refused', { source: sourceOf(request), reason: 'body-too-long' })
      request.destroy()
    })
    request.on('end', () => {
      const epochMs = readEpoch(body)
      if (epochMs === undefined) return refuse(request, response, 400, 'not-a-time')
      clock.set(epochMs)
      response.writeHead(204).end()
    })
  }
  const server = createHttpServer(handle, options.log)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve)
  })
  return {
    clock,
    url: `http://${options.host}:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}

function readEpoch(body: string): number | undefined {
  try {
    const { epochMs } = JSON.parse(body) as { epochMs?: unknown }
    return Number.isSafeInteger(epochMs) && (epochMs as number) >= 0 ? (epochMs as number) : undefined
  } catch {
    return undefined
  }
}
