/** Needs Debian's socat: `apt-get install socat`. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { CanBusUnavailable, type CanBusFault } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { serveSlcan } from '../../simulated/slcan-adapter/slcan-adapter.js'
import { openOnDevice } from './fixtures/device-client.js'
import { openPtyPair } from './fixtures/pty-pair.js'
import { openSerialLine } from '../../serial/serial-line.js'

async function station(t: TestContext) {
  const pty = await openPtyPair()
  const can = createMemoryCan()
  const adapter = serveSlcan(await openSerialLine(pty.adapterEnd, 115_200), can.join('adapter'))
  t.after(async () => {
    await adapter.close()
    await pty.close()
    await can.close()
  })
  return { pty, can, adapter }
}

test('an adapter that is pulled out is a fault of the bus, and ends what waits', async (t) => {
  const { pty } = await station(t)
  const bus = await openOnDevice(pty.hostEnd)
  const fault = new Promise<CanBusFault>((resolve) => bus.onFault(resolve))
  await pty.close()
  assert.match((await fault).message, /line to the adapter ended/)
  await assert.rejects(bus.send({ id: 1, extended: false, data: new Uint8Array(0) }), {
    name: 'CanBusFault',
  })
  await bus.close()
})

test('a port that another program has open is told', async (t) => {
  const { pty } = await station(t)
  const bus = await openOnDevice(pty.hostEnd)
  await assert.rejects(openOnDevice(pty.hostEnd), (error: unknown) => {
    assert.ok(error instanceof CanBusUnavailable)
    assert.equal(error.reason, 'refused')
    assert.match(error.message, /another program has it open.*fuser/)
    return true
  })
  await bus.close()
  await (await openOnDevice(pty.hostEnd)).close()
})

test('a port on which nobody answers is told', async (t) => {
  const pty = await openPtyPair()
  t.after(() => pty.close())
  await assert.rejects(openOnDevice(pty.hostEnd), { name: 'CanBusUnavailable', reason: 'no-answer' })
})

test('a port that this user may not open is told, with the group that may', async (t) => {
  const pty = await openPtyPair()
  t.after(() => pty.close())
  await chmod(pty.hostEnd, 0)
  await chmod(new URL('.', `file://${pty.hostEnd}`), 0o755)
  // Root may open all, so it becomes nobody; but only once its program is loaded, which nobody may be unable to read.
  const script = `
    const { openOnDevice } = await import(${JSON.stringify(new URL('fixtures/device-client.js', import.meta.url).href)})
    if (process.getuid() === 0) {
      process.setgroups([])
      process.setgid(65534)
      process.setuid(65534)
    }
    await openOnDevice(${JSON.stringify(pty.hostEnd)}).catch(({ reason, mend }) => console.log(reason, mend))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  assert.match(stdout, /^no-permission .*dialout/)
})
