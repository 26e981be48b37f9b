import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import { rotatingCode, rotationStep } from '../contracts/rotating-code.js'
import { createUnlockCode } from '../domain/unlock-code.js'
import { SCANS_TOLD_A_MINUTE } from './code-check.js'
import { LOCATION, LockTable, newCode, TOMORROW } from './test-lock-table.js'

let t: LockTable

beforeEach(async () => {
  t = await LockTable.open()
})

afterEach(() => t.close())

const KEY = randomBytes(32).toString('base64url')

async function reserveRotating(reservationId: string) {
  await t.platform.command({ type: 'reserve', reservationId, location: LOCATION, holdUntil: TOMORROW })
  return t.platform.command({ type: 'unlock-key', reservationId, rotatingKey: KEY, validUntil: TOMORROW })
}

/** What the user's screen showed so many seconds ago. */
const shownBefore = (seconds: number, lockId = 'L-17', reservationId = 'R-1') =>
  rotatingCode({ rotatingKey: KEY, lockId, reservationId }, rotationStep(t.now - seconds * 1_000))

test('twenty guesses in four seconds: five are judged, the others not even looked at, the bolt stays', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  const verdicts: string[] = []
  for (let guess = 0; guess < 20; guess++) {
    verdicts.push(await t.show(guess === 2 ? '1'.repeat(24) : newCode()))
    t.now += 200
  }
  assert.deepEqual(verdicts.slice(0, 6), ['foreign', 'foreign', 'misread', 'foreign', 'foreign', 'throttled'])
  assert.equal(verdicts.filter((verdict) => verdict === 'throttled').length, 15)
  assert.equal(await t.show(code), 'throttled', 'the right one neither: it would be a guess that succeeds')
  assert.deepEqual(t.hardware.drives, [])
  await t.restart(1)
  assert.equal(await t.show(code), 'throttled', 'a restart does not open the throttle')
  t.now += 60_000
  assert.equal(await t.show(code), 'fresh')
  await t.boltIs('down')
})

test('a flood of codes before the lens fills neither link nor log, and is over within a minute', async () => {
  const told = () => t.platform.events.filter((e) => e.type === 'code-scanned').length
  const seen = () => t.logged.filter((line) => line.startsWith('["code-scanned"'))
  for (let n = 0; n < SCANS_TOLD_A_MINUTE; n++) await t.show(`throttled ${n}`)
  for (let n = 0; n < 100; n++) {
    t.inSight = newCode()
    t.frame()
    await new Promise((resolve) => setImmediate(resolve))
  }
  // In the order in which things happened: what was to be told of the flood came before the answer.
  assert.equal((await t.platform.command({ type: 'report' })).outcome, 'done')
  assert.deepEqual([told(), seen().length], [SCANS_TOLD_A_MINUTE, SCANS_TOLD_A_MINUTE])
  assert.equal(t.logged.filter((line) => line.startsWith('["scans-left-out"')).length, 1)
  assert.match(seen()[0] ?? '', /"characters":11/, 'a stranger’s text is no code')
  t.now += 60_000
  assert.equal(await t.show(newCode()), 'foreign')
})

const verdicts = () => t.platform.events.flatMap((e) => (e.type === 'code-scanned' ? e.verdict : []))
const look = async (times = 1) => {
  for (let n = 0; n < times; n++) {
    t.frame()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const STICKER = 'https://example.com/follow-the-car-park'

test('a sticker in view for an hour is reported once, is no guess, and the code beside it opens at its first look', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  t.beside = [STICKER]
  for (let minute = 0; minute < 60; minute++) {
    // Read in some frames and missed in others, as printed codes are.
    t.beside = minute % 3 === 2 ? [] : [STICKER]
    await look(5)
    t.now += 60_000
  }
  t.beside = [STICKER]
  await look()
  await t.platform.command({ type: 'report' })
  assert.ok(verdicts().length <= 3, `${verdicts().length} reports`)
  assert.ok(verdicts().every((verdict) => verdict === 'misread'))
  assert.equal(t.logged.filter((line) => line.includes('code-scanned')).length, verdicts().length)
  assert.equal(await t.show(code), 'fresh')
  await t.boltIs('down')
})

test('any number of texts without a code’s form leave the throttle open', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  for (let n = 0; n < 12; n++) assert.equal(await t.show(`${STICKER}/${n}`), 'misread')
  assert.equal(await t.show(code), 'fresh')
})

test('a right and a foreign code at once: both are judged, the right one opens; so do a replay and a fresh one', async () => {
  const [code, foreign, next] = [newCode(), newCode(), newCode()]
  await t.reserveWithCode('R-1', code)
  t.beside = [foreign, code]
  await look()
  await t.boltIs('down')
  assert.deepEqual(verdicts(), ['foreign', 'fresh'])
  await t.platform.command({ type: 'lock' })
  await t.platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'completed' })
  t.beside = []
  await look(6)
  await t.reserveWithCode('R-2', next)
  const from = t.platform.events.length
  t.beside = [code, next]
  await look()
  await t.boltIs('down', from)
  assert.deepEqual(verdicts().slice(2), ['used', 'fresh'])
})

test('a foreign code that is stuck beside the lens is one guess, however often it is read anew; twenty in one frame are twenty', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  const foreign = newCode()
  for (let n = 0; n < 8; n++) assert.equal(await t.show(foreign), 'foreign')
  assert.equal(await t.show(code), 'fresh')
  await t.boltIs('down')
  t.now += 60_000
  const before = verdicts().length
  t.beside = Array.from({ length: 20 }, () => createUnlockCode(randomInt))
  await look()
  await t.platform.command({ type: 'report' })
  const judged = verdicts().slice(before)
  assert.deepEqual([judged.length, judged.filter((verdict) => verdict === 'foreign').length], [20, 5])
})

test('replays are no guesses: they are told apart, after a restart too, and throttle nobody', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  assert.equal(await t.show(code), 'fresh')
  await t.boltIs('down')
  await t.restart(90)
  for (let i = 0; i < 7; i++) assert.equal(await t.show(code), 'used')
})

test('a rotating code opens while it is on the screen, once', async () => {
  await reserveRotating('R-1')
  assert.equal(await t.show(shownBefore(0)), 'fresh')
  await t.boltIs('down')
  t.now += 20_000
  assert.equal(await t.show(shownBefore(0)), 'used')
  await t.restart(90)
  assert.equal(await t.show(shownBefore(0)), 'used')
})

test('a forwarded screenshot is good for 30 s at most and expired at 45 s and 60 s, wherever in the step it was made', async () => {
  await reserveRotating('R-1')
  for (const intoStep of [0, 7, 14.9]) {
    t.now = Math.ceil(t.now / 15_000) * 15_000 + intoStep * 1_000
    for (const seconds of [45, 60, 300])
      assert.equal(await t.show(shownBefore(seconds)), 'expired', `${seconds}`)
  }
  assert.deepEqual(t.hardware.drives, [])
  assert.equal(await t.show(shownBefore(14)), 'fresh')
  await t.boltIs('down')
})

test('a rotating code of another lock, of another reservation, or of a cancelled one leaves the bolt up', async () => {
  await reserveRotating('R-1')
  assert.equal(await t.show(shownBefore(0, 'L-18')), 'foreign')
  assert.equal(await t.show(shownBefore(0, 'L-17', 'R-2')), 'foreign')
  await t.platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'cancelled' })
  assert.equal(await t.show(shownBefore(0)), 'expired')
  assert.deepEqual(t.hardware.drives, [])
})

test('a changed expected code changes the verdict on the same picture', async () => {
  const [first, second] = [newCode(), newCode()]
  await t.reserveWithCode('R-1', first)
  await t.platform.command({ type: 'unlock-code', reservationId: 'R-1', code: second, validUntil: TOMORROW })
  assert.equal(await t.show(first), 'expired')
  assert.equal(await t.show(second), 'fresh')
  await t.boltIs('down')
})

test('a code, or a key, that arrives when its reservation has run out or is over opens nothing', async () => {
  const validUntil = new Date(t.now + 60_000).toISOString()
  const reserve = {
    type: 'reserve',
    reservationId: 'R-1',
    location: LOCATION,
    holdUntil: validUntil,
  } as const
  await t.platform.command(reserve)
  t.now += 61_000
  const [late, later] = [newCode(), newCode()]
  await t.platform.command({ type: 'unlock-code', reservationId: 'R-1', code: late, validUntil })
  await t.platform.command({ type: 'unlock-key', reservationId: 'R-1', rotatingKey: KEY, validUntil })
  assert.equal(await t.show(late), 'expired')
  assert.equal(await t.show(shownBefore(0)), 'expired')
  await t.platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'expired' })
  const answer = await t.platform.command({
    type: 'unlock-code',
    reservationId: 'R-1',
    code: later,
    validUntil: TOMORROW,
  })
  assert.deepEqual([answer.outcome, answer.reason], ['refused', 'unknown-reservation'])
  assert.equal(await t.show(later), 'foreign')
  assert.deepEqual(t.hardware.drives, [])
})
