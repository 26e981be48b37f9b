import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formOf, parseUnlockCode } from '../domain/unlock-code.js'
import { rotatingCode, rotationStep } from './rotating-code.js'

const SOURCE = {
  rotatingKey: Buffer.alloc(32, 7).toString('base64url'),
  lockId: 'L-17',
  reservationId: 'R-1',
}

test('a rotating code is a whole unlock code of its own form', () => {
  for (let step = 0; step < 200; step++) {
    const code = rotatingCode(SOURCE, step)
    assert.equal(parseUnlockCode(code), code)
    assert.equal(formOf(code), 'rotating')
  }
})

test('key, lock, reservation and step each make another code; steps are fifteen seconds', () => {
  const step = rotationStep(1_700_000_000_000)
  const codes = [
    rotatingCode(SOURCE, step),
    rotatingCode(SOURCE, step + 1),
    rotatingCode({ ...SOURCE, lockId: 'L-18' }, step),
    rotatingCode({ ...SOURCE, reservationId: 'R-2' }, step),
    rotatingCode({ ...SOURCE, rotatingKey: Buffer.alloc(32, 8).toString('base64url') }, step),
  ]
  assert.equal(new Set(codes).size, codes.length)
  assert.equal(rotationStep(14_999), 0)
  assert.equal(rotationStep(15_000), 1)
})
