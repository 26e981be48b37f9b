import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { wgs84 } from '../../reference/domain/coordinates.js'
import { startBoard } from '../bench/board/board-client.js'
import { announceBench } from '../bench/supervisor/bench-registry.js'
import { startSupervisor } from '../bench/supervisor/supervisor-client.js'
import { awaitSample } from '../conformance/lock-hardware.js'
import { connectArduinoLock } from '../drivers/arduino/arduino-lock-hardware.js'
import { lockPinMap } from '../pin-map.js'

const LOCKSTEP = fileURLToPath(new URL('./main.js', import.meta.url))
const STUCK = { timeout: 120_000 }

interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function lockstep(args: readonly string[], cwd: string): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [LOCKSTEP, ...args], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

/** A folder to work in, with a profile of a rig's own name: other tests' benches are none of its. */
function workplace(t: TestContext, board: string): { folder: string; rig: string; profile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lock-cli-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const rig = `cli-${process.pid}-${folder.slice(-6)}`
  const profile = join(folder, 'rig.yaml')
  writeFileSync(
    profile,
    `rig: ${rig}
fidelity: lab
lock: { board: ${board}, firmware: standard-firmata, timeScale: 2 }
bus: { url: 'memory:' }
camera: { url: 'rendered:' }
broker: { url: 'embedded:' }
store: { url: 'libsql:' }
vehicleId: EV-1
bays:
  - { bayId: B-17, label: x, lockId: L-17, pricePerHourFen: 600, lock: board,
      location: { latitude: 39.9, longitude: 116.4 }, onMap: { latitude: 39.9, longitude: 116.4 } }
`,
  )
  return { folder, rig, profile }
}

test('A bench that runs: others look on, may not drive, and make it safe for good', STUCK, async (t) => {
  const { folder, rig, profile } = workplace(t, 'virtual')
  const board = await startBoard({ evidenceFolder: folder, position: wgs84(39.9, 116.4) })
  t.after(() => board.close())
  const supervisor = await startSupervisor({ uart: board.uart, rig, evidenceFolder: folder })
  t.after(() => supervisor.close())
  const lock = await connectArduinoLock({ stream: connect(supervisor.relay), pins: lockPinMap })
  await board.jamAt(70)
  lock.drive('down')
  // A motor that starts draws as much as one that stalls: only at the obstacle is it the stall.
  while ((await board.hardwareElapsed(10)).degrees !== 70);
  await awaitSample(lock, 'a stall', (sample) => sample.motorCurrentAmps > 2)

  const status = await lockstep(['lock', 'status', '--rig', profile, '--json'], folder)
  const seen = JSON.parse(status.stdout) as {
    heldBy: number
    readings: { bolt: string; motorCurrentAmps: number }
  }
  assert.deepEqual([status.code, seen.heldBy, seen.readings.bolt], [0, process.pid, 'between'])
  assert.ok(seen.readings.motorCurrentAmps > 2)

  const up = await lockstep(['lock', 'up', '--rig', profile], folder)
  assert.equal(up.code, 3)
  assert.match(up.stderr, new RegExp(`BenchRunning: .*held by process ${process.pid}`))

  const safe = await lockstep(['safe', '--rig', profile, '--json'], folder)
  assert.equal(safe.code, 0, safe.stdout + safe.stderr)
  const { made } = JSON.parse(safe.stdout) as {
    made: { through: string; proof: { reason: string; confirmed: boolean } }[]
  }
  assert.deepEqual(
    made.map(({ through, proof }) => [through, proof.reason, proof.confirmed]),
    [['the running bench', 'by-hand', true]],
  )
  assert.equal((await board.observe()).supplied, false)
  assert.equal((await supervisor.safeByHand).reason, 'by-hand')
  const next = connect(supervisor.relay)
  const [error] = (await once(next, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNREFUSED', 'nobody drives a bench that was made safe by hand')
})

test('A bench whose board has no power is not confirmed: exit 4', STUCK, async (t) => {
  const { folder, rig, profile } = workplace(t, 'virtual')
  const board = await startBoard({ evidenceFolder: folder, position: wgs84(39.9, 116.4) })
  t.after(() => board.close())
  const supervisor = await startSupervisor({ uart: board.uart, rig, evidenceFolder: folder })
  t.after(() => supervisor.close())
  await board.cutPower()
  const safe = await lockstep(['safe', '--rig', profile], folder)
  assert.equal(safe.code, 4)
  assert.match(safe.stdout, /NOT CONFIRMED[\s\S]*does not answer/)
})

test('Without a bench the command has the lock to itself, and leaves it without power', STUCK, async (t) => {
  const { folder, profile } = workplace(t, 'virtual')
  const down = await lockstep(['lock', 'down', '--rig', profile, '--json'], folder)
  const move = JSON.parse(down.stdout) as {
    ending: string
    hardwareMs: number
    readings: { bolt: string; actuatorSupplied: boolean }
  }
  assert.deepEqual(
    [down.code, move.ending, move.readings.bolt, move.readings.actuatorSupplied],
    [0, 'done', 'down', false],
  )
  // At the motor's rated speed it takes 600 ms; a busy host hears of the end late, and that is hardware time too.
  assert.ok(move.hardwareMs > 500 && move.hardwareMs < 2_000, `${move.hardwareMs} ms`)
  const safe = await lockstep(['safe', '--rig', profile], folder)
  assert.deepEqual([safe.code, /safe .* through the port/.test(safe.stdout)], [0, true], safe.stdout)
})

test('A board that is not there: named, 3 for a command, 4 for safe; nonsense is 2', STUCK, async (t) => {
  const { folder, rig, profile } = workplace(t, '{ serial: { ID_SERIAL: not_plugged_in } }')
  const up = await lockstep(['lock', 'up', '--rig', profile], folder)
  assert.deepEqual(
    [up.code, /NoSuchSerialPort: .*ID_SERIAL=not_plugged_in/.test(up.stderr)],
    [3, true],
    up.stderr,
  )
  const safe = await lockstep(['safe', '--rig', profile], folder)
  assert.deepEqual(
    [safe.code, /NOT CONFIRMED[\s\S]*NoSuchSerialPort/.test(safe.stdout)],
    [4, true],
    safe.stdout,
  )
  // A supervisor that runs and does not answer: the port is tried all the same.
  const forget = announceBench({
    rig,
    board: 'a board',
    pid: process.pid,
    runnerPid: process.pid,
    since: new Date().toISOString(),
    evidenceFolder: folder,
    control: join(folder, 'nobody.sock'),
  })
  const both = await lockstep(['safe', '--rig', profile], folder)
  forget()
  assert.deepEqual(
    [both.code, /cannot be reached[\s\S]*NoSuchSerialPort/.test(both.stdout)],
    [4, true],
    both.stdout,
  )
  const run = await lockstep(['run', '--rig', profile], folder)
  assert.deepEqual([run.code, /NoSuchSerialPort/.test(run.stderr)], [3, true], run.stderr)
  const byNumber = workplace(t, '{ serial: /dev/ttyUSB0 }')
  assert.equal((await lockstep(['lock', 'up', '--rig', byNumber.profile], folder)).code, 2)
  assert.equal((await lockstep(['safe', '--rig', 'nowhere'], folder)).code, 2)
  assert.equal((await lockstep(['lock', 'sideways'], folder)).code, 2)
})
