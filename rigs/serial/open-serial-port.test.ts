import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openSerialPort, probeSerialPort } from './open-serial-port.js'
import { NoSuchSerialPort, SerialPortFailed, SerialPortInUse } from './serial-port-errors.js'

/** A file stands for the device: all but the last step looks at nothing else. */
function deviceIn(t: TestContext): string {
  // Below the temporary folder, which user nobody may pass through.
  const folder = mkdtempSync(join(tmpdir(), 'port-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const device = join(folder, 'ttyACM7')
  writeFileSync(device, '')
  return device
}

test('a port that is not there', async (t) => {
  const missing = `${deviceIn(t)}-unplugged`
  await assert.rejects(
    probeSerialPort({ path: missing }),
    (error) => error instanceof NoSuchSerialPort && error.message.includes(missing),
  )
})

test('a port that somebody has open is refused before it is touched, by name and number', async (t) => {
  const device = deviceIn(t)
  const link = `${device}-by-id`
  symlinkSync(device, link)
  const held = openSync(device, 'r+')
  await assert.rejects(
    probeSerialPort({ path: link }),
    (error) =>
      error instanceof SerialPortInUse &&
      error.message.includes(`process ${process.pid}`) &&
      error.message.includes(realpathSync(device)),
  )
  closeSync(held)
  assert.equal(await probeSerialPort({ path: link }), realpathSync(device))
})

test('a port that this user may not open is named with its group', async (t) => {
  const device = deviceIn(t)
  chmodSync(device, 0o600)
  chmodSync(join(device, '..'), 0o755)
  if (process.getuid?.() !== 0) chmodSync(device, 0)
  const probe = fileURLToPath(new URL('./fixtures/nobody-probe.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [probe, device])
  assert.match(stdout, /^SerialPortForbidden: .*belongs to the group \S+\n.*usermod -aG \S+ /)
})

test('what is no serial port says so', async (t) => {
  await assert.rejects(openSerialPort({ path: deviceIn(t) }, 57_600), SerialPortFailed)
})
