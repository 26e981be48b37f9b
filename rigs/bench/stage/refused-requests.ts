import { contractDocument } from '../../../reference/contracts/contract-document.js'
import type { BayId } from '../../../reference/domain/identifiers.js'
import { RigFault } from '../rig-errors.js'
import type { Stage } from './stage.js'

/** With what a request comes that its contract does not allow. */
const CREDENTIALS = ['no token', 'a wrong token', "the cloud's token"] as const
type Credential = (typeof CREDENTIALS)[number]

/** What a platform answered to a request that it should have refused. */
export interface Refusal {
  readonly request: string
  readonly status: number
  readonly error?: string
}

/**
 * Every request of the platform's contract, made right but for its credential. With the cloud's token those are made
 * that need the operator's.
 */
export async function everyRequest(stage: Stage, bay: BayId, reservationId: string): Promise<Refusal[]> {
  const { paths } = contractDocument('platform.openapi') as { paths: Record<string, Record<string, object>> }
  const bodies = bodiesFor(stage, bay)
  const { lockId } = stage.bay(bay)
  const ids: Record<string, string> = { bayId: bay, lockId, reservationId }
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => ({ method: method.toUpperCase(), path })),
  )
  const asked = CREDENTIALS.flatMap((credential) =>
    all
      .filter(({ path }) => credential !== "the cloud's token" || path.startsWith('/v1/operator/'))
      .map((request) => ({ ...request, credential })),
  )
  const refusals: Refusal[] = []
  for (const [index, { method, path, credential }] of asked.entries()) {
    const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
      const id = ids[name]
      if (id === undefined) throw new RigFault(`the bench knows no ${name} for ${path}`)
      return id
    })
    const { status, body } = await stage.partyWires.askPlatform(method, filled, {
      authorization: authorizationOf(credential, stage, path, index),
      body: bodies[`${method} ${path}`],
      headers: path === '/v1/reservations' ? { 'idempotency-key': stage.newId() } : {},
    })
    const { error } = (body ?? {}) as { error?: string }
    refusals.push({
      request: `${method} ${path} with ${credential}`,
      status,
      ...(error !== undefined && { error }),
    })
  }
  return refusals
}

/** Wrong in another way from request to request: another secret of the run, one too long, too short, of another scheme. */
function authorizationOf(
  credential: Credential,
  stage: Stage,
  path: string,
  index: number,
): string | undefined {
  const { cloudToken, operatorToken, webhookSecret } = stage.secrets
  if (credential === 'no token') return undefined
  if (credential === "the cloud's token") return `Bearer ${cloudToken}`
  const right = path.startsWith('/v1/operator/') ? operatorToken : cloudToken
  const wrong = [
    `Bearer ${webhookSecret}`,
    `Bearer ${right}x`,
    `Bearer ${right.slice(0, -1)}`,
    `Basic ${Buffer.from(`cloud:${right}`).toString('base64')}`,
    right,
    'Bearer ',
  ]
  return wrong[index % wrong.length]
}

/** Bodies that would change something, for the requests that need one. */
function bodiesFor(stage: Stage, bay: BayId): Readonly<Record<string, object>> {
  const { lock: _lock, onMap: _onMap, ...item } = stage.bay(bay)
  return {
    'POST /v1/reservations': stage.request('D-01' as BayId),
    'PUT /v1/operator/bays/{bayId}/service': { inService: false },
    'POST /v1/operator/inventory': { bays: [{ ...item, pricePerHourFen: item.pricePerHourFen + 1 }] },
    'POST /v1/operator/locks/{lockId}/commands': { type: 'unlock' },
  }
}
