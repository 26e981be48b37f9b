/** Needs Debian's socat: `apt-get install socat`. */
import assert from 'node:assert/strict'
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { openPtyPair } from '../drivers/slcan/fixtures/pty-pair.js'
import { openSerialLine } from './serial-line.js'

/** Beyond what the line's own buffers, two ptys and socat keep together. */
const MORE_THAN_FITS = 1_000_000

async function ends(t: TestContext): Promise<{ readonly near: Duplex; readonly far: Duplex }> {
  const pty = await openPtyPair()
  const [near, far] = await Promise.all([
    openSerialLine(pty.hostEnd, 115_200),
    openSerialLine(pty.adapterEnd, 115_200),
  ])
  t.after(async () => {
    near.destroy()
    far.destroy()
    await pty.close()
  })
  return { near, far }
}

/** Until the port waits for an event, `readable` or `writable`: nothing outside of the binding shows that. */
async function untilItWaitsFor(event: string, line: Duplex): Promise<void> {
  const { port } = line as unknown as { readonly port: { readonly poller: EventEmitter } }
  while (port.poller.listenerCount(event) === 0) await setImmediate()
}

test('a write that waits goes on after a read has begun to wait too', { timeout: 60_000 }, async (t) => {
  const { near, far } = await ends(t)
  near.write(Buffer.alloc(MORE_THAN_FITS, 0x55))
  await untilItWaitsFor('writable', near)
  near.resume()
  await untilItWaitsFor('readable', near)

  let arrived = 0
  await new Promise<void>((resolve) =>
    far.on('data', (bytes: Buffer) => {
      arrived += bytes.length
      if (arrived === MORE_THAN_FITS) resolve()
    }),
  )
  assert.equal(arrived, MORE_THAN_FITS)
})
