/** Needs Debian's socat, and python3-serial as another program's view of the port. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { nextLine } from '../../../reference/read-lines.js'
import { packageRoot } from '../../../reference/package-root.js'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import { startBoard } from '../../bench/board/board-client.js'
import { openPtyLine } from '../../bench/board/pty-line.js'
import { startSupervisor } from '../../bench/supervisor/supervisor-client.js'
import { awaitSample, lockHardwareConformance } from '../../conformance/lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import { openSerialPort } from '../../serial/open-serial-port.js'
import { SerialPortInUse } from '../../serial/serial-port-errors.js'
import { connectArduinoLock } from './arduino-lock-hardware.js'

const BAUD = 57_600
const LOCKSTEP = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

/** A virtual board with our own firmware as a serial port. */
async function openPtyBoard() {
  const folder = await mkdtemp(join(tmpdir(), 'pty-board-'))
  const link = join(folder, 'uno')
  const board = await startBoard({
    evidenceFolder: folder,
    position: wgs84(31.2304, 121.4737),
    firmware: 'lockstep',
  })
  const pty = await openPtyLine(link, board.uart)
  return {
    folder,
    link,
    board,
    pty,
    close: async () => {
      await pty.close()
      await board.close()
      await rm(folder, { recursive: true })
    },
  }
}

lockHardwareConformance('an Arduino Uno behind a serial port (pty)', async () => {
  const { link, board, pty, close } = await openPtyBoard()
  const { stream } = await openSerialPort({ path: link }, BAUD)
  const hardware = await connectArduinoLock({ stream, pins: lockPinMap, firmware: 'lockstep' })
  return {
    hardware,
    setVehiclePresent: (present) => board.setVehiclePresent(present),
    setTampered: (tampered) => board.setTampered(tampered),
    setObstacle: (present) => board.jamAt(present ? 70 : null),
    muteHost: async (muted) => {
      await board.setSpeed(muted ? 0.1 : 1)
      await board.spoilLine('to-board', muted ? { loss: 1, garbage: 0, seed: 1 } : null)
    },
    // Pulls the plug: the port hangs up.
    lose: () => pty.close(),
    close,
  }
})

test('A supervisor owns a serial port: it makes safe over it, and says who has it when it is taken', async (t) => {
  const { link, board, folder, close } = await openPtyBoard()
  t.after(close)
  const uart = { serial: { path: link }, baudRate: BAUD }
  const supervisor = await startSupervisor({ uart, rig: `pty-${process.pid}`, evidenceFolder: folder })
  t.after(() => supervisor.close())
  assert.match(supervisor.board, /^\/dev\/pts\/\d+$/)
  const lock = await connectArduinoLock({ stream: connect(supervisor.relay), pins: lockPinMap })
  lock.drive('down')
  await awaitSample(lock, 'current', (sample) => sample.motorCurrentAmps > 0.2)
  const startedAt = performance.now()
  await assert.rejects(
    startSupervisor({ uart, rig: 'second', evidenceFolder: folder }),
    (error) => error instanceof SerialPortInUse && error.message.includes(`process ${supervisor.pid}`),
  )
  t.diagnostic(`told after ${(performance.now() - startedAt).toFixed(0)} ms that the port is in use`)
  const proof = await supervisor.makeSafe()
  assert.deepEqual([proof.confirmed, proof.readback?.actuatorSupplied], [true, false])
  assert.equal((await board.observe()).supplied, false)
})

test('A lab rig on a serial port: doctor, lock and safe work on it, and a run says what is lacking', async (t) => {
  const { link, folder, close } = await openPtyBoard()
  t.after(close)
  const profile = join(folder, 'lab.yaml')
  const text = await readFile(join(packageRoot, 'rigs/profiles/lab.example.yaml'), 'utf8')
  const edited = text
    .replace(/serial: \{[^}]*\}/, `pty: ${link}`)
    .replace('rig: bench-a', `rig: lab-${process.pid}`)
    .replace('socketcan:can0', 'memory:')
    .replace(/camera:\n(?: {2}.*\n)+/, "camera: { url: 'rendered:' }\n")
  assert.ok(edited.includes(link))
  await writeFile(profile, edited)
  const lockstep = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [LOCKSTEP, ...args, '--rig', profile],
        { cwd: folder },
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })
  const doctor = await lockstep('doctor', '--yes', '--json')
  const { findings } = JSON.parse(doctor.stdout) as { findings: { step: string; verdict: string }[] }
  assert.equal(doctor.code, 0, doctor.stdout)
  const skipped = findings.filter(({ verdict }) => verdict === 'cannot tell').map(({ step }) => step)
  assert.deepEqual(skipped, [
    'camera calibration',
    'vehicle sensor',
    'tamper contact',
    'emergency stop and external watchdog',
  ])
  const down = await lockstep('lock', 'down', '--json')
  assert.deepEqual([down.code, (JSON.parse(down.stdout) as { ending: string }).ending], [0, 'done'])
  const safe = await lockstep('safe', '--json')
  assert.deepEqual([safe.code, /"guard":\{"armed":false/.test(safe.stdout)], [0, true], safe.stdout)
  const run = await lockstep('run')
  assert.deepEqual(
    [run.code, /RigUnavailable: a run on the lock's board at /.test(run.stderr)],
    [3, true],
    run.stderr,
  )
})

/** Starts `lockstep lock serve`, and waits for its line. */
async function serve(t: TestContext, link: string, firmware: string) {
  const served = spawn(process.execPath, [LOCKSTEP, 'lock', 'serve', '--pty', link, '--firmware', firmware], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => served.kill('SIGKILL'))
  const line = await nextLine(served.stdout)
  return { served, ready: JSON.parse(line) as Readonly<Record<string, unknown>> }
}

/** Asks for the firmware's name until it is told: a board that boots hears nothing. */
const ASK_FIRMWARE = `
import serial, sys
port = serial.Serial(sys.argv[1], 57600, timeout=1)
heard = b''
for _ in range(20):
    port.write(bytes([0xf0, 0x79, 0xf7]))
    heard += port.read(64)
    if b'\\xf0\\x79' in heard and heard.endswith(b'\\xf7'): break
print(heard.hex())
`

test("lockstep lock serve: another program's client talks to the firmware, twice; SIGINT and SIGTERM end it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pty-serve-'))
  t.after(() => rm(folder, { recursive: true }))
  const link = join(folder, 'uno')
  for (const [signal, firmware, version] of [
    ['SIGINT', 'standard-firmata', /f0790205/],
    ['SIGTERM', 'lockstep', /f0790100/],
  ] as const) {
    const { served, ready } = await serve(t, link, firmware)
    assert.deepEqual([ready['pty'], ready['baudRate']], [link, BAUD])
    for (let client = 0; client < 2; client++) {
      const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', ASK_FIRMWARE, link])
      // REPORT_FIRMWARE with its version; the name follows, two 7-bit bytes a letter.
      assert.match(stdout, version)
    }
    served.kill(signal)
    const [code] = (await once(served, 'exit')) as [number | null]
    assert.equal(code, 0)
    assert.equal(existsSync(link), false)
  }
})
