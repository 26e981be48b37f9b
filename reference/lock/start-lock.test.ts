import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createUnlockCode, type UnlockCode } from '../domain/unlock-code.js'
import type { Camera, Frame } from '../ports/camera.js'
import type { Clock } from '../ports/clock.js'
import type { SqlStore } from '../ports/sql-store.js'
import { BrokerRefused } from './lock-link.js'
import { startLock, type RunningLock } from './start-lock.js'
import { openTablePlatform, openTableStore, TableBolt } from './test-lock.js'

const LOCATION = { latitude: 31.2304, longitude: 121.4737 }
const ELSEWHERE = { latitude: 31.24, longitude: 121.4737 }
const TOMORROW = '2026-01-02T00:00:00Z'
const FRAME: Frame = { width: 1, height: 1, grey: new Uint8Array(1), capturedAt: 0 }

let drawn = 0
const newCode = (): UnlockCode => createUnlockCode(() => drawn++ % 10)

let platform: Awaited<ReturnType<typeof openTablePlatform>>
let store: SqlStore
let hardware: TableBolt
let lock: RunningLock
let now: number
let ids = 0
/** What the scanner sees in its frames, and a frame for it to see. */
let inSight: string | undefined
let frame: () => void
let logged: string[]

const clock: Clock = { now: () => now, at: () => () => undefined }

async function start(over: { comparator?: { reading: 'preset' | 'reported' } } = {}) {
  const listeners = new Set<(frame: Frame) => void>()
  frame = () => listeners.forEach((listener) => listener(FRAME))
  const camera: Camera = {
    onFrame: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    onLost: () => () => undefined,
    close: async () => undefined,
  }
  const decoder = {
    decode: async () =>
      inSight === undefined
        ? undefined
        : { text: inSight, symbology: 'qr' as const, corners: [], by: 'table' },
    close: async () => undefined,
  }
  return startLock(
    { lockId: 'L-17', bayId: 'B-17', broker: platform.broker, presetLocation: LOCATION, ...over },
    {
      hardware,
      scanner: { camera, decoder },
      store,
      clock,
      newId: () => `event-${++ids}`,
      log: {
        record: (event, fields) => logged.push(JSON.stringify([event, { ...fields, code: undefined }])),
      },
    },
  )
}

/** Shows a text and waits for the verdict. */
async function show(text: string) {
  const from = platform.events.length
  inSight = text
  frame()
  const scanned = await platform.event((e) => e.type === 'code-scanned', from)
  inSight = undefined
  for (let look = 0; look < 6; look++) {
    frame()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return (scanned as { verdict: string }).verdict
}

const boltIs = (bolt: string, from?: number) =>
  platform.event((e) => e.type === 'bolt-changed' && e.bolt === bolt, from)

async function reserveWithCode(reservationId: string, code: UnlockCode, validUntil = TOMORROW) {
  await platform.command({ type: 'reserve', reservationId, location: LOCATION, holdUntil: TOMORROW })
  return platform.command({ type: 'unlock-code', reservationId, code, validUntil })
}

async function restart(angle: number) {
  await lock.close()
  await hardware.close()
  hardware = new TableBolt(angle)
  lock = await start()
}

beforeEach(async () => {
  now = Date.parse('2026-01-01T12:00:00Z')
  logged = []
  inSight = undefined
  platform = await openTablePlatform('L-17')
  store = openTableStore()
  hardware = new TableBolt()
  lock = await start()
})

afterEach(async () => {
  await lock.close()
  await hardware.close()
  await platform.close()
  await store.close()
  assert.deepEqual(platform.violations, [])
  assert.deepEqual(
    logged.filter((line) => /failed|stuck|untold/.test(line)),
    [],
  )
})

test('the whole life: reserved, coded, opened, occupied, left, locked again', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  assert.equal(await show(code), 'fresh')
  const down = await boltIs('down')
  assert.equal((down as { reservationId?: string }).reservationId, 'R-1')
  hardware.vehiclePresent = true
  await platform.event((e) => e.type === 'occupancy-changed' && e.occupied)
  const from = platform.events.length
  hardware.vehiclePresent = false
  await platform.event((e) => e.type === 'occupancy-changed' && !e.occupied, from)
  await boltIs('up', from)
  const types = platform.events.map((e) => e.type)
  assert.ok(types.indexOf('reservation-accepted') < types.indexOf('unlock-code-requested'))
  const ended = await platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'completed' })
  assert.deepEqual([ended.outcome, ended.bolt, ended.reservationId], ['done', 'up', null])
  assert.equal(await show(code), 'used')
  assert.deepEqual(hardware.drives, ['down', 'up'])
})

test('coordinates that are not its own are refused, and no code is asked for', async () => {
  await platform.command({ type: 'reserve', reservationId: 'R-1', location: ELSEWHERE, holdUntil: TOMORROW })
  const refusal = platform.events.find((e) => e.type === 'reservation-refused')
  assert.equal(refusal?.type === 'reservation-refused' && refusal.reason, 'coordinates-differ')
  assert.ok(!platform.events.some((e) => e.type === 'unlock-code-requested'))
})

test('the other reading compares with the reported fix, and survives a restart', async () => {
  const body = { type: 'reserve', reservationId: 'R-1', location: ELSEWHERE, holdUntil: TOMORROW } as const
  await platform.command({ type: 'configure', comparatorReading: 'reported' })
  await restart(1)
  await platform.command({ ...body, reportedFix: { location: ELSEWHERE, ageSeconds: 601 } })
  await platform.command({ ...body, reportedFix: { location: ELSEWHERE, ageSeconds: 5 } })
  const outcomes = platform.events.flatMap((e) =>
    e.type === 'reservation-refused'
      ? [e.reason]
      : e.type === 'reservation-accepted'
        ? [e.comparatorReading]
        : [],
  )
  assert.deepEqual(outcomes, ['fix-stale', 'reported'])
})

test('a second reservation is refused while the first one holds', async () => {
  await platform.command({ type: 'reserve', reservationId: 'R-1', location: LOCATION, holdUntil: TOMORROW })
  const second = await platform.command({
    type: 'reserve',
    reservationId: 'R-2',
    location: LOCATION,
    holdUntil: TOMORROW,
  })
  assert.deepEqual([second.reason, second.reservationId], ['another-reservation', 'R-1'])
})

test('foreign, misread, expired and cancelled codes leave the bolt up', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code, '2026-01-01T12:10:00Z')
  assert.equal(await show(newCode()), 'foreign')
  assert.equal(await show(code.slice(0, 23)), 'misread')
  now += 600_000
  assert.equal(await show(code), 'expired')
  const next = newCode()
  await platform.command({ type: 'unlock-code', reservationId: 'R-1', code: next, validUntil: TOMORROW })
  await platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'cancelled' })
  assert.equal(await show(next), 'expired')
  assert.deepEqual(hardware.drives, [])
})

test('a code that stays in sight has one verdict', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  inSight = code
  const from = platform.events.length
  for (let i = 0; i < 10; i++) {
    frame()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await boltIs('down', from)
  assert.equal(platform.events.filter((e) => e.type === 'code-scanned').length, 1)
})

test('a code is used up, durably, before anything moves', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  const states: Promise<{ state: string }[]>[] = []
  hardware.onDrive = () => states.push(store.query<{ state: string }>('SELECT state FROM lock_codes'))
  await show(code)
  await boltIs('down')
  assert.deepEqual(await Promise.all(states), [[{ state: 'used' }]])
})

test('a lock whose storage fails opens nothing', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  await store.execute(
    `CREATE TRIGGER broken BEFORE UPDATE ON lock_codes BEGIN SELECT RAISE(ABORT, 'disk'); END`,
  )
  inSight = code
  frame()
  while (!logged.some((line) => line.includes('turn-failed'))) await new Promise((go) => setImmediate(go))
  await store.execute('DROP TRIGGER broken')
  const report = await platform.command({ type: 'report', settleHardwareMs: 100 })
  assert.deepEqual([report.bolt, report.moves, hardware.drives], ['up', 0, []])
  logged = []
})

test('a command that a restart interrupts is answered, and moves nothing again', async () => {
  hardware.blockedAt = 0
  await platform.command({ type: 'unlock' })
  await store.execute(`INSERT INTO lock_commands (id, finished) VALUES ('torn', 0)`)
  const from = platform.events.length
  await restart(0)
  const torn = await platform.event((e) => e.type === 'command-result' && e.commandId === 'torn', from)
  assert.equal(torn.type === 'command-result' && torn.reason, 'superseded')
  assert.equal((await platform.command({ type: 'lock' }, { id: 'torn' })).reason, 'repeated')
  assert.deepEqual(hardware.drives, [])
})

test('a bolt found at neither limit is unknown until the upper one is reached', async () => {
  await platform.status((s) => s.bolt === 'up')
  const from = platform.events.length
  await restart(0.5)
  await platform.status((s) => s.online && s.bolt === 'unknown' && s.bootCount === 2)
  await boltIs('up', from)
  assert.deepEqual(hardware.drives, ['up'])
})

test('a low battery is told once', async () => {
  hardware.batteryVolts = 6.2
  await platform.event((e) => e.type === 'fault' && e.fault === 'battery-low')
  await platform.status((s) => s.fault === 'battery-low' && s.batteryVolts === 6.2)
})

test('a used code stays used after a restart, and its bay opens to nobody', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  await show(code)
  await boltIs('down')
  await restart(0)
  await platform.command({ type: 'sync', reservationId: 'R-1' })
  assert.equal(await show(code), 'used')
  assert.deepEqual(hardware.drives, [])
  assert.equal(platform.statuses.at(-1)?.bootCount, 2)
})

test('a vehicle that left while the lock was off is noticed, and the bolt goes up', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  await show(code)
  await boltIs('down')
  hardware.vehiclePresent = true
  await platform.event((e) => e.type === 'occupancy-changed' && e.occupied)
  const from = platform.events.length
  await restart(0)
  await platform.event((e) => e.type === 'occupancy-changed' && !e.occupied, from)
  await boltIs('up', from)
})

test('a command moves nothing twice, also across a restart, and nothing after its end of life', async () => {
  const first = await platform.command({ type: 'unlock' }, { id: 'once' })
  assert.deepEqual([first.outcome, first.bolt, first.moves], ['done', 'down', 1])
  await platform.command({ type: 'lock' })
  const again = await platform.command({ type: 'unlock' }, { id: 'once' })
  assert.deepEqual([again.outcome, again.reason, again.bolt], ['refused', 'repeated', 'up'])
  await restart(1)
  assert.equal((await platform.command({ type: 'unlock' }, { id: 'once' })).reason, 'repeated')
  const late = await platform.command({ type: 'unlock' }, { expiresAt: '2026-01-01T12:00:00Z' })
  assert.deepEqual([late.outcome, late.reason, late.bolt], ['refused', 'expired', 'up'])
  assert.deepEqual(hardware.drives, [])
})

test('malformed and retained commands move nothing and harm nothing', async () => {
  await platform.publish('{"id":')
  await platform.publish('null')
  await platform.publish('x'.repeat(20_000))
  await platform.publish(JSON.stringify({ id: 'bad', type: 'unlock' }))
  const refused = await platform.event((e) => e.type === 'command-result' && e.commandId === 'bad')
  assert.equal(refused.type === 'command-result' && refused.reason, 'malformed')
})

test('a command that the broker had retained is ignored', async () => {
  await lock.close()
  await platform.close()
  platform = await openTablePlatform('L-17')
  const unlock = { id: 'kept', issuedAt: TOMORROW, expiresAt: '2027-01-01T00:00:00Z', type: 'unlock' }
  await platform.publish(JSON.stringify(unlock), true)
  lock = await start()
  const report = await platform.command({ type: 'report', settleHardwareMs: 100 })
  assert.deepEqual([report.outcome, report.bolt, report.moves], ['done', 'up', 0])
})

test('the bolt does not rise under a vehicle, and goes up when it has left', async () => {
  await platform.command({ type: 'reserve', reservationId: 'R-1', location: LOCATION, holdUntil: TOMORROW })
  await platform.command({ type: 'unlock' })
  hardware.vehiclePresent = true
  await platform.event((e) => e.type === 'occupancy-changed' && e.occupied)
  assert.equal((await platform.command({ type: 'lock' })).reason, 'vehicle-present')
  const cancelled = await platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'expired' })
  assert.deepEqual([cancelled.outcome, cancelled.bolt], ['done', 'down'])
  const from = platform.events.length
  hardware.vehiclePresent = false
  await boltIs('up', from)
})

test('a jam is told: power off, back down once, and the command refused', async () => {
  await platform.command({ type: 'unlock' })
  hardware.blockedAt = 0.5
  const jammed = await platform.command({ type: 'lock' })
  assert.deepEqual([jammed.outcome, jammed.reason, jammed.bolt], ['refused', 'fault', 'down'])
  assert.deepEqual(hardware.drives, ['down', 'up', 'down'])
  await platform.event((e) => e.type === 'fault' && e.fault === 'jammed')
  await platform.status((s) => s.fault === 'jammed')
})

test('sync drops what the platform does not know and raises the bolt', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  await platform.command({ type: 'unlock' })
  const synced = await platform.command({ type: 'sync', reservationId: null })
  assert.deepEqual([synced.outcome, synced.bolt, synced.reservationId], ['done', 'up', null])
  assert.equal(await show(code), 'expired')
})

test('a lost board is told before the controller ends', async () => {
  hardware.lose('board-reset')
  assert.equal(await lock.ended, 'board-reset')
  await platform.status((s) => s.bolt === 'unknown' && s.fault === 'board-reset' && s.online)
  await platform.event((e) => e.type === 'fault' && e.fault === 'board-reset')
  assert.equal((await platform.command({ type: 'unlock' })).reason, 'fault')
})

test('a broker that does not let it in is a named error, and the bolt is let go', async () => {
  const broker = { ...platform.broker, url: 'mqtt://127.0.0.1:9' }
  const config = { lockId: 'L-18', bayId: 'B-18', broker }
  const parts = { hardware, store, clock, newId: () => 'x', log: { record: () => undefined } }
  await assert.rejects(startLock(config, parts), BrokerRefused)
})

test('no code is ever kept in the storage', async () => {
  const code = newCode()
  await reserveWithCode('R-1', code)
  for (const table of ['lock_settings', 'lock_reservation', 'lock_codes', 'lock_commands', 'lock_outbox']) {
    const rows = await store.query(`SELECT * FROM ${table}`)
    assert.ok(!JSON.stringify(rows).includes(code), table)
  }
})
