import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { LOCATION, LockTable, newCode } from './test-lock-table.js'

let t: LockTable

beforeEach(async () => {
  t = await LockTable.open()
})

afterEach(() => t.close())

const fault = (name: string, from?: number) =>
  t.platform.event((e) => e.type === 'fault' && e.fault === name, from)

test('the status names the state of the bolt and of the battery on a whole way', async () => {
  await t.platform.status((s) => s.battery === 'charged' && s.state === 'up')
  await t.platform.command({ type: 'unlock' })
  await t.platform.command({ type: 'lock' })
  const states = t.platform.statuses.map(({ state }) => state)
  const way = states.filter((state, index) => state !== states[index - 1])
  assert.deepEqual(way.slice(way.indexOf('up')), ['up', 'lowering', 'down', 'rising', 'up'])
})

test('an opened housing makes the lock safe, over a restart too, until it is closed and re-armed', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  t.hardware.tampered = true
  await fault('tampered')
  await t.platform.status((s) => s.state === 'safe' && s.fault === 'tampered')
  assert.equal((await t.platform.command({ type: 'rearm' })).reason, 'fault')
  assert.equal(await t.show(code), 'fresh')
  await t.restart(1)
  await t.platform.status((s) => s.bootCount === 2 && s.state === 'safe')
  assert.equal((await t.platform.command({ type: 'unlock' })).reason, 'safe')
  assert.deepEqual(t.hardware.drives, [])
  assert.equal((await t.platform.command({ type: 'rearm' })).outcome, 'done')
  await t.platform.status((s) => s.state === 'up' && s.fault === undefined && s.bootCount === 2)
  assert.equal((await t.platform.command({ type: 'unlock' })).outcome, 'done')
})

test('made safe by order, it moves nothing; re-armed in mid-travel, it looks for its position', async () => {
  t.hardware.onDrive = (target) => {
    if (target === 'down') void t.platform.command({ type: 'safe' })
  }
  const unlock = await t.platform.command({ type: 'unlock' })
  assert.deepEqual([unlock.outcome, unlock.reason], ['refused', 'safe'])
  assert.equal(t.hardware.sample.actuatorSupplied, false)
  t.hardware.onDrive = () => undefined
  const rearmed = await t.platform.command({ type: 'rearm' })
  assert.deepEqual([rearmed.outcome, rearmed.bolt], ['done', 'up'])
})

test('a relay whose contact stays closed is told, and the lock is safe', async () => {
  t.hardware.supply = 'stuck'
  await fault('power-stuck')
  await t.platform.status((s) => s.state === 'safe' && s.fault === 'power-stuck')
})

test('a rise that is blocked goes back down, once; the fault waits for somebody', async () => {
  await t.platform.command({ type: 'unlock' })
  t.hardware.blockedAt = 0.5
  const from = t.platform.events.length
  const refused = await t.platform.command({ type: 'lock' })
  assert.deepEqual([refused.outcome, refused.reason, refused.bolt], ['refused', 'fault', 'down'])
  await fault('obstructed', from)
  await t.platform.status((s) => s.state === 'down' && s.fault === 'obstructed')
  assert.deepEqual(t.hardware.drives, ['down', 'up', 'down'])
  t.hardware.blockedAt = undefined
  await t.platform.command({ type: 'rearm' })
  await t.platform.status((s) => s.state === 'down' && s.fault === undefined)
})

test('a critical battery lowers the bolt once, and refuses what comes then', async () => {
  t.hardware.batteryVolts = 6.2
  await fault('battery-critical')
  await t.boltIs('down')
  await t.platform.status((s) => s.battery === 'critical' && s.state === 'down')
  assert.equal((await t.platform.command({ type: 'lock' })).reason, 'battery-critical')
  assert.deepEqual(t.hardware.drives, ['down'])
})

test('wear outlives a restart and a battery swap', async () => {
  await t.platform.command({ type: 'unlock' })
  await t.platform.command({ type: 'lock' })
  const worn = await t.platform.status((s) => s.wear?.cycles === 1 && s.state === 'up')
  assert.ok((worn.wear?.energyJoules ?? 0) > 1, `${worn.wear?.energyJoules} J`)
  await t.restart(0)
  const kept = await t.platform.status((s) => s.bootCount === 2 && s.state === 'down')
  assert.deepEqual(kept.wear, worn.wear)
  await t.platform.command({ type: 'lock' })
  await t.platform.status((s) => s.wear?.cycles === 2)
})

test('a poor fix and a jump are not told; a place that five fixes agree on is', async () => {
  const from = t.platform.events.length
  t.fixAt(LOCATION.latitude + 0.01, 9)
  t.fixAt(LOCATION.latitude)
  await t.platform.event((e) => e.type === 'gps-fix', from)
  for (let fixes = 0; fixes < 4; fixes++) t.fixAt(LOCATION.latitude + 0.01)
  await t.platform.command({ type: 'report' })
  const told = () => t.platform.events.slice(from).filter((e) => e.type === 'gps-fix')
  assert.deepEqual(
    told().map((e) => e.type === 'gps-fix' && e.location.latitude),
    [LOCATION.latitude],
  )
  t.fixAt(LOCATION.latitude + 0.01)
  await t.platform.event((e) => e.type === 'gps-fix' && e.location.latitude > LOCATION.latitude, from)
})

test('a receiver that falls silent is a lost position, and a sync does not tell the old one as new', async () => {
  t.fixAt(LOCATION.latitude)
  await t.platform.status((s) => s.gps === 'good')
  await t.platform.command({ type: 'report', settleHardwareMs: 10_000 })
  await t.platform.status((s) => s.gps === 'lost')
  const from = t.platform.events.length
  await t.platform.command({ type: 'sync', reservationId: null })
  assert.ok(!t.platform.events.slice(from).some((e) => e.type === 'gps-fix'))
})

test('a camera that is lost is told, and the fault is over with its next picture', async () => {
  t.loseCamera('unplugged')
  await fault('camera-lost')
  await t.platform.status((s) => s.fault === 'camera-lost')
  const from = t.platform.events.length
  t.frame()
  await t.platform.status((s) => s.faults?.length === 0)
  t.loseCamera('unplugged again')
  await fault('camera-lost', from)
})

test('what is wrong with the pictures is told by name, stands in no way, and is over when they are well', async () => {
  t.cameraHealth = { frozenFrames: Infinity }
  await t.restart(1)
  const picture = (level: (x: number) => number) => {
    const capturedAt = performance.timeOrigin + performance.now()
    const grey = Uint8Array.from({ length: 64 * 64 }, (_, i) => level(i % 64))
    for (let n = 0; n < 6; n++) t.frame({ width: 64, height: 64, grey, capturedAt: capturedAt + n * 30 })
  }
  await t.platform.status((s) => s.bootCount === 2 && s.camera?.length === 0)
  picture(() => 2)
  await t.platform.status((s) => s.camera?.includes('black') === true && s.fault === undefined)
  picture((x) => (x % 16 < 8 ? 20 : 220))
  await t.platform.status((s) => s.camera?.length === 0)
})
