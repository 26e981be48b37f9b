import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenApiCheck } from './openapi-check.js'

const check = new OpenApiCheck('platform.openapi')
const json = 'application/json; charset=utf-8'
const location = { latitude: 39.9, longitude: 116.4 }
const request = { bayId: 'B-17', location, userRef: 'u-1', symbology: 'qr' }
const held = { reservationId: 'R-1', bayId: 'B-17', state: 'held', expiresAt: '2026-03-01T09:30:00Z' }

test('what the contract has passes', () => {
  assert.equal(check.request('POST', '/v1/reservations', json, request), undefined)
  assert.equal(check.response('POST', '/v1/reservations', 201, json, held), undefined)
  assert.equal(check.request('GET', '/v1/spaces/B-17?x=1', '', undefined), undefined)
  const taken = { error: 'bay-taken', message: 'B-17 is taken' }
  assert.equal(check.response('POST', '/v1/reservations', 409, json, taken), undefined)
  assert.equal(
    check.response('GET', '/v1/spaces/B-17', 404, json, { ...taken, error: 'bay-unknown' }),
    undefined,
  )
})

test('an unknown path, method, status, type or field is named', () => {
  assert.match(check.request('GET', '/v2/spaces', '', undefined) ?? '', /does not have/)
  assert.match(check.request('PUT', '/v1/spaces', '', undefined) ?? '', /PUT \/v1\/spaces/)
  assert.match(
    check.request('POST', '/v1/reservations', json, { ...request, openid: 'o' }) ?? '',
    /^body of POST \/v1\/reservations: \/ .*additional properties: "openid"$/,
  )
  assert.match(check.request('POST', '/v1/reservations', 'text/plain', 'x') ?? '', /text\/plain/)
  assert.match(check.response('POST', '/v1/reservations', 418, json, held) ?? '', /418/)
  assert.match(
    check.response('POST', '/v1/reservations', 201, json, { ...held, state: 'fine' }) ?? '',
    /^body of 201 to POST \/v1\/reservations: \/state .*"held".*\]$/,
  )
})
