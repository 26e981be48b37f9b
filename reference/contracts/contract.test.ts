import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { contractDocument } from './contract-document.js'
import { ContractViolation, messageCheck } from './contract.js'
import type { LockCommand } from './lock-link.js'
import type { PlatformEvent } from './platform-api.js'

const head = { id: 'c-1', issuedAt: '2026-03-01T09:00:00Z', expiresAt: '2026-03-01T09:01:00Z' }
const check = messageCheck<LockCommand>('lock-link.asyncapi', 'Command')

test('a command of each type passes', () => {
  const location = { latitude: 39.9, longitude: 116.4 }
  for (const body of [
    { type: 'reserve', reservationId: 'R-1', location, holdUntil: head.expiresAt },
    {
      type: 'reserve',
      reservationId: 'R-1',
      location,
      holdUntil: head.expiresAt,
      reportedFix: { location, ageSeconds: 3 },
    },
    { type: 'unlock-code', reservationId: 'R-1', code: `1${'0'.repeat(23)}`, validUntil: head.expiresAt },
    { type: 'cancel', reservationId: 'R-1', reason: 'expired' },
    { type: 'unlock' },
    { type: 'report', settleHardwareMs: 300 },
    { type: 'configure', comparatorReading: 'reported' },
    { type: 'sync', reservationId: null },
  ]) {
    assert.equal(check({ ...head, ...body }).type, body.type)
  }
})

test('a message that lacks, misspells or mistypes a field is named', () => {
  for (const body of [
    {},
    { type: 'reserve', reservationId: 'R-1' },
    { type: 'reserve', reservationId: '../x', location: {}, holdUntil: head.expiresAt },
    { type: 'unlock-code', reservationId: 'R-1', code: '123', validUntil: head.expiresAt },
    { type: 'open-sesame' },
    { type: 'report', settleHardwareMs: -1 },
  ]) {
    assert.throws(() => check({ ...head, ...body }), ContractViolation)
  }
  for (const message of [null, 7, 'x', [], undefined]) assert.throws(() => check(message), ContractViolation)
})

test('a code travels with code-issued and with no other webhook', () => {
  const webhook = messageCheck<PlatformEvent>('platform.openapi', 'PlatformEvent')
  const event = { eventId: 'e', at: head.issuedAt, bayId: 'B-17', reservationId: 'R-1' }
  const code = { code: `1${'0'.repeat(23)}`, symbology: 'qr' }
  assert.ok(webhook({ ...event, type: 'code-issued', ...code }))
  assert.throws(() => webhook({ ...event, type: 'code-issued' }), ContractViolation)
  assert.throws(() => webhook({ ...event, type: 'bay-unlocked', ...code }), ContractViolation)
})

test('a field that no contract has is refused, in every kind of message', () => {
  const lockEvent = { id: 'e-1', at: head.issuedAt, type: 'bolt-changed', bolt: 'up' }
  const planState = { ...head, type: 'plan-state', planId: 'p-1', state: 'reserved' }
  const checks = [
    [check, { ...head, type: 'unlock' }],
    [messageCheck('lock-link.asyncapi', 'Event'), lockEvent],
    [messageCheck('vehicle-link.asyncapi', 'Command'), planState],
  ] as const
  for (const [checked, message] of checks) {
    assert.ok(checked(message))
    assert.throws(() => checked({ ...message, colour: 'red' }), ContractViolation)
  }
})

test('every schema of every contract is one by JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: false, logger: false })
  const contracts = [
    'platform.openapi',
    'lock-link.asyncapi',
    'vehicle-link.asyncapi',
    'phone.openapi',
    'wechat.openapi',
  ] as const
  for (const contract of contracts) {
    const { components } = contractDocument(contract) as {
      readonly components: { readonly schemas: Readonly<Record<string, object>> }
    }
    for (const [name, schema] of Object.entries(components.schemas)) {
      assert.ok(ajv.validateSchema(schema), `${contract} ${name}: ${ajv.errorsText()}`)
    }
  }
  assert.equal(ajv.validateSchema({ type: 'strin' }), false)
})
