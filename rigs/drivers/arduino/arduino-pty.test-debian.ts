/** Needs Debian's socat, and python3-serial as another program's view of the port. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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

/** A virtual board as a serial port. */
async function openPtyBoard() {
  const folder = await mkdtemp(join(tmpdir(), 'pty-board-'))
  const link = join(folder, 'uno')
  const board = await startBoard({ evidenceFolder: folder, position: wgs84(31.2304, 121.4737) })
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
  const hardware = await connectArduinoLock({ stream, pins: lockPinMap })
  return {
    hardware,
    setVehiclePresent: (present) => board.setVehiclePresent(present),
    setTampered: (tampered) => board.setTampered(tampered),
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
  assert.ok(performance.now() - startedAt < 1_000)
  const proof = await supervisor.makeSafe()
  assert.deepEqual([proof.confirmed, proof.readback?.actuatorSupplied], [true, false])
  assert.equal((await board.observe()).supplied, false)
})

/** Starts `lockstep lock serve`, and waits for its line. */
async function serve(t: TestContext, link: string) {
  const served = spawn(process.execPath, [LOCKSTEP, 'lock', 'serve', '--pty', link], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => served.kill('SIGKILL'))
  const [line] = (await once(createInterface(served.stdout), 'line')) as [string]
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { served, ready } = await serve(t, link)
    assert.deepEqual([ready['pty'], ready['baudRate']], [link, BAUD])
    for (let client = 0; client < 2; client++) {
      const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', ASK_FIRMWARE, link])
      // REPORT_FIRMWARE 2.5 with its name, two 7-bit bytes a letter.
      assert.match(stdout, /f0790205/)
    }
    served.kill(signal)
    const [code] = (await once(served, 'exit')) as [number | null]
    assert.equal(code, 0)
    assert.equal(existsSync(link), false)
  }
})
