import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PlatformRig, reservationOf } from '../../rigs/conformance/platform/platform-rig.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { messageCheck } from '../contracts/contract.js'
import type { Problem, ProblemCode, Space } from '../contracts/platform-api.js'

const checkProblem = messageCheck<Problem>('platform.openapi', 'Problem')
const checkSpaces = messageCheck<{ spaces: Space[] }>('platform.openapi', 'SpaceList')

describe('the platform’s HTTP interface', () => {
  let rig: PlatformRig
  before(async () => {
    rig = await PlatformRig.start(await openTestStore())
  })
  after(() => rig.close())

  const key = { 'Idempotency-Key': 'key' }
  const reservations = '/v1/reservations'
  const commands = '/v1/operator/locks/L-17/commands'
  const forged = '9'.repeat(17)

  const cases: readonly [
    string,
    number,
    ProblemCode,
    string,
    string,
    Parameters<PlatformRig['request']>[2]?,
  ][] = [
    ['no token', 401, 'unauthorised', 'GET', '/v1/spaces', { token: '' }],
    ['a wrong token', 401, 'unauthorised', 'GET', '/v1/spaces', { token: 'the-cloud-s-tokeN' }],
    [
      'the cloud’s token at the operator’s',
      401,
      'unauthorised',
      'POST',
      commands,
      { token: 'the-cloud-s-token' },
    ],
    [
      'the operator’s token at the cloud’s',
      401,
      'unauthorised',
      'POST',
      reservations,
      { token: 'the-operator-s-token' },
    ],
    ['a path that nobody serves', 404, 'not-found', 'GET', '/v1/nothing'],
    ['a method that nobody serves', 404, 'not-found', 'PUT', '/v1/spaces'],
    ['an unknown bay', 404, 'bay-unknown', 'GET', "/v1/spaces/B'%20OR%20'1'='1"],
    ['a path that is not UTF-8', 400, 'request-invalid', 'GET', '/v1/spaces/%ff'],
    ['an unknown reservation', 404, 'reservation-unknown', 'DELETE', `${reservations}/${forged}`],
    ['no Idempotency-Key', 400, 'request-invalid', 'POST', reservations, { body: reservationOf('B-17') }],
    [
      'an Idempotency-Key too long',
      400,
      'request-invalid',
      'POST',
      reservations,
      { body: reservationOf('B-17'), headers: { 'Idempotency-Key': 'x'.repeat(129) } },
    ],
    [
      'a correlation id with spaces',
      400,
      'request-invalid',
      'POST',
      reservations,
      { body: reservationOf('B-17'), headers: { ...key, 'X-Correlation-Id': 'a b' } },
    ],
    [
      'a body that is not JSON',
      400,
      'request-invalid',
      'POST',
      reservations,
      { body: '{"code":"secret', headers: key },
    ],
    ['no body', 400, 'request-invalid', 'POST', reservations, { headers: key }],
    [
      'a body too large',
      400,
      'request-invalid',
      'POST',
      reservations,
      { body: reservationOf('B-17', { userRef: 'x'.repeat(20_000) }), headers: key },
    ],
    [
      'a latitude out of range',
      400,
      'request-invalid',
      'POST',
      reservations,
      { body: reservationOf('B-17', { location: { latitude: 121, longitude: 31 } }), headers: key },
    ],
    [
      'a hold too long',
      400,
      'request-invalid',
      'POST',
      reservations,
      { body: reservationOf('B-17', { holdSeconds: 7201 }), headers: key },
    ],
    [
      'an unknown field',
      400,
      'request-invalid',
      'POST',
      reservations,
      { body: reservationOf('B-17', { openid: 'o' }), headers: key },
    ],
    [
      'a bay that is not there',
      404,
      'bay-unknown',
      'POST',
      reservations,
      { body: reservationOf('B-99'), headers: key },
    ],
    [
      'a bay whose lock was never heard',
      409,
      'bay-out-of-service',
      'POST',
      reservations,
      { body: reservationOf('B-17'), headers: key },
    ],
  ]
  for (const [what, status, error, method, path, options] of cases) {
    it(`refuses ${what} with ${status} ${error}`, async () => {
      const answer = await rig.request(method, path, options)
      const problem = checkProblem(answer.body)
      assert.deepEqual([answer.status, problem.error], [status, error])
      assert.ok(!JSON.stringify(answer.body).includes('secret'), 'the body is not repeated')
    })
  }

  it('lists every space, with a lock that was never heard as offline', async () => {
    for (const token of ['the-cloud-s-token', 'the-operator-s-token']) {
      const { status, body } = await rig.request('GET', '/v1/spaces', { token })
      const { spaces } = checkSpaces(body)
      assert.equal(status, 200)
      assert.deepEqual(
        spaces.map((space) => [
          space.bayId,
          space.occupancy,
          space.reservation,
          space.lockHealth,
          space.bolt,
        ]),
        [
          ['B-17', 'unknown', 'none', 'offline', 'unknown'],
          ['B-18', 'unknown', 'none', 'offline', 'unknown'],
        ],
      )
    }
  })
})
