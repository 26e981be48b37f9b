/** What nothing has foreseen happens in the supervisor's or the board's process: it makes safe first, then it ends. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import { awaitSample } from '../../conformance/lock-hardware.js'
import { connectArduinoLock } from '../../drivers/arduino/arduino-lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import type { PlantTrace } from '../../simulated/lock-plant/lock-plant.js'
import { startBoard } from '../board/board-client.js'
import type { BoardReady, BoardReport, BoardSettings } from '../board/board-messages.js'
import { awaitReady, forkDetached } from '../child-process/child-process.js'
import { SAFE_STATE_FILE, type SafeStateProof } from './safe-state.js'
import type { SupervisorReport, SupervisorSettings } from './supervisor-messages.js'

const STUCK = { timeout: 120_000 }
const POSITION = wgs84(31.2304, 121.4737)

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'last-resort-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a supervisor that fails takes the power away, writes the proof, and ends with 3', STUCK, async (t) => {
  const folder = folderFor(t)
  const board = await startBoard({ evidenceFolder: folder, position: POSITION, timeScale: 2, bolt: 'down' })
  t.after(() => board.close())
  await board.setSpeed(0.1)
  const settings: SupervisorSettings = {
    rig: `last-resort-${process.pid}`,
    board: board.uart,
    evidenceFolder: folder,
    heartbeatTimeoutMs: 60_000,
    runnerTimeoutMs: 60_000,
  }
  const supervisor = forkDetached(
    'supervisor',
    new URL('./supervisor-process.js', import.meta.url),
    settings,
    folder,
  )
  const port = await awaitReady<SupervisorReport, number>(
    supervisor,
    'supervisor',
    folder,
    30_000,
    (report) => (report.type === 'ready' ? report.relayPort : undefined),
  )
  const lock = await connectArduinoLock({ stream: connect(port, '127.0.0.1'), pins: lockPinMap })
  lock.drive('up')
  await awaitSample(lock, 'supply', ({ actuatorSupplied }) => actuatorSupplied)

  const ended = once(supervisor, 'exit')
  supervisor.send(null as unknown as object) // no request: its handler throws
  assert.deepEqual(await ended, [3, null])
  const proof = JSON.parse(readFileSync(join(folder, SAFE_STATE_FILE), 'utf8')) as SafeStateProof
  assert.deepEqual([proof.reason, proof.confirmed], ['supervisor-failed', true])
  assert.equal((await board.observe()).supplied, false)
  assert.match(readFileSync(join(folder, 'supervisor.stderr.log'), 'utf8'), /unforeseen failure: TypeError/)
})

test('a board that fails goes dark, writes its trace, and ends with 1', STUCK, async (t) => {
  const folder = folderFor(t)
  const { latitude, longitude } = POSITION
  const settings: BoardSettings = {
    evidenceFolder: folder,
    timelineFolder: folder,
    latitude,
    longitude,
    timeScale: 2,
    firmware: 'lockstep',
    gpsSeed: 1,
    gpsStartEpochMs: 0,
    hostPatience: true,
    bolt: 'down',
  }
  const child = forkDetached('board', new URL('../board/board-process.js', import.meta.url), settings, folder)
  const { uartPort } = await awaitReady<BoardReport, BoardReady>(child, 'board', folder, 30_000, (report) =>
    report.type === 'ready' ? report.ready : undefined,
  )
  const lock = await connectArduinoLock({ stream: connect(uartPort, '127.0.0.1'), pins: lockPinMap })
  lock.drive('up')
  await awaitSample(lock, 'supply', ({ actuatorSupplied }) => actuatorSupplied)

  const ended = once(child, 'exit')
  child.send(null as unknown as object)
  assert.deepEqual(await ended, [1, null])
  const traces = readFileSync(join(folder, 'plant.ndjson'), 'utf8').trimEnd().split('\n')
  const states = traces.map((line) => JSON.parse(line) as PlantTrace)
  assert.ok(states.some(({ supplied }) => supplied))
  assert.equal(states.at(-1)?.supplied, false)
})
