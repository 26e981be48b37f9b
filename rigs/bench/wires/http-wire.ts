import type { ContractDocument } from '../../../reference/contracts/contract-document.js'
import type { ContractWatch } from './contract-watch.js'
import { HttpTap } from './http-tap.js'
import type { TappedRequest, TappedResponse } from './tapped-http.js'
import { openApiCheck } from './openapi-check.js'
import type { WireLog } from './wire-log.js'
import { WIRES, type WireName } from './wires.js'

/** How the messages of one HTTP wire are held against their contract; each returns what is wrong, or undefined. */
export interface HttpContract {
  request(request: TappedRequest, body: unknown): string | undefined
  response(response: TappedResponse, body: unknown): string | undefined
  /** What the evidence shows of a body that is encrypted on this wire. */
  readonly readable?: (text: string) => string
}

const contentType = (headers: TappedRequest['headers']) => headers['content-type'] ?? ''

/** Paths and bodies as an OpenAPI document has them. */
export function openApiContract(contract: ContractDocument): HttpContract {
  const check = openApiCheck(contract)
  return {
    request: ({ method, path, headers }, body) => check.request(method, path, contentType(headers), body),
    response: ({ request, status, headers }, body) =>
      check.response(request.method, request.path, status, contentType(headers), body),
  }
}

function bodyOf(headers: TappedRequest['headers'], body: Buffer, readable = (text: string) => text): unknown {
  const type = contentType(headers)
  if (body.length === 0) return undefined
  if (/xml/.test(type) || (/text/.test(type) && body.length < 64_000)) return readable(body.toString('utf8'))
  if (!/json/.test(type)) return undefined
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return body.toString('utf8')
  }
}

/** A tapped HTTP wire whose messages are logged and judged. */
export async function openHttpWire(
  name: WireName,
  contract: HttpContract,
  log: WireLog,
  watch: ContractWatch,
  /** Where it is asked: port 0 takes any free one; names besides those of loopback. */
  {
    port = 0,
    hostNames = [],
  }: { readonly port?: number | undefined; readonly hostNames?: readonly string[] } = {},
): Promise<HttpTap> {
  const { wire, from, to } = WIRES[name]
  const correlation = (request: TappedRequest, body: unknown) => {
    const id =
      request.headers['x-correlation-id'] ??
      (body as { correlationId?: string } | undefined)?.correlationId ??
      (typeof body === 'string' ? messageCorrelation(body) : undefined)
    return id === undefined ? {} : { correlationId: id }
  }
  return HttpTap.open(
    {
      onRequest: (request) => {
        const body = bodyOf(request.headers, request.body, contract.readable)
        watch.saw(wire, from, contract.request(request, body))
        log.record({ wire: name, from, to, name: title(request), body, ...correlation(request, body) })
      },
      onResponse: (response) => {
        const { request, status, headers } = response
        const body = bodyOf(headers, response.body, contract.readable)
        watch.saw(wire, to, contract.response(response, body))
        const asked = correlation(request, bodyOf(request.headers, request.body, contract.readable))
        log.record({ wire: name, from: to, to: from, name: `${status} to ${title(request)}`, body, ...asked })
      },
      onFailure: (request, reason) =>
        log.record({
          wire: name,
          from: to,
          to: from,
          name: `no answer to ${title(request)}`,
          body: { reason },
        }),
    },
    port,
    hostNames,
  )
}

const title = ({ method, path }: TappedRequest) => `${method} ${path.split('?')[0] ?? path}`

/** The cloud names what follows from a push after its MsgId; see `reference/cloud`. */
function messageCorrelation(body: string): string | undefined {
  const id = /<MsgId>(?:<!\[CDATA\[)?(\d+)/.exec(body)?.[1]
  return id && `wx-${id}`
}
