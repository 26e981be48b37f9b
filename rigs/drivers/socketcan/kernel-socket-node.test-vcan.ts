/** What only the back end of our own addon promises. Needs root inside a kernel with CAN. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test, type TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { CanBus, CanOpenOptions } from '../../../reference/ports/can-bus.js'
import { classic, content, hear } from '../../conformance/can-bus/two-nodes.js'
import { INTERFACE_A, openNode, run } from './kernel-test-bus.js'

async function open(t: TestContext, options?: CanOpenOptions): Promise<CanBus> {
  const bus = await openNode('addon', INTERFACE_A, options)
  t.after(() => bus.close())
  return bus
}

const stall = (milliseconds: number) =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

/** As many frames as fast as another process can. */
const generate = (frames: number, ...more: string[]) =>
  run('cangen', INTERFACE_A, '-g', '0', '-n', String(frames), '-p', '10', ...more)

describe('SocketCAN in a kernel, what the addon adds', { timeout: 60_000 }, () => {
  test('a frame of 8 bytes is told from an FD frame of 8 bytes, with BRS and with ESI', async (t) => {
    const [a, b] = [await open(t), await open(t)]
    const eight = [1, 2, 3, 4, 5, 6, 7, 8]
    const fd = (bitrateSwitch: boolean, errorStateIndicator: boolean) => ({
      ...classic(0x50, eight),
      ...{ fd: true, bitrateSwitch, errorStateIndicator },
    })
    const frames = [classic(0x50, eight), fd(false, false), fd(true, false), fd(false, true), fd(true, true)]
    const heard = hear(b, frames.length)
    for (const frame of frames) await a.send(frame)
    assert.deepEqual((await heard).map(content), frames.map(content))
  })

  test('while the consumer stalls, another thread takes what the kernel has no room for', async (t) => {
    const receiveBuffer = 1_000
    const bus = await open(t, { receiveBuffer })
    const frames = receiveBuffer + receiveBuffer / 2
    const heard = hear(bus, frames)
    // The kernel has room for a receiveBuffer, and so has the thread.
    generate(receiveBuffer - 100)
    stall(200)
    generate(frames - (receiveBuffer - 100))
    assert.equal((await heard).length, frames)
    assert.deepEqual(bus.lost, { frames: 0, exact: true })
  })

  test('what is lost is counted to the frame, also behind a filter, and told without another frame', async (t) => {
    const bus = await open(t, { receiveBuffer: 64, filters: [{ id: 0x123, mask: 0x7ff }] })
    assert.equal(bus.features.countsLoss, true)
    let received = 0
    const all = new Promise<void>((resolve) => {
      const look = () => received + bus.lost.frames === 5_000 && resolve()
      bus.onFrame(() => {
        received++
        look()
      })
      bus.onLoss(look)
    })
    generate(5_000, '-I', '456')
    generate(5_000, '-I', '123')
    await all
    t.diagnostic(`5000 of 0x123 sent = ${received} received + ${bus.lost.frames} reported lost`)
    assert.ok(received >= 64 && bus.lost.frames > 0)
    assert.deepEqual(bus.lost, { frames: 5_000 - received, exact: true })
  })

  test('a thread that ends with a node open takes nothing else along', async () => {
    const url = new URL('./kernel-socket-node.js', import.meta.url).href
    const source = `
      const { openSocketCan } = await import(${JSON.stringify(url.replace('kernel-socket-node', 'open-socket-can'))})
      const bus = await openSocketCan({ interface: ${JSON.stringify(INTERFACE_A)}, backEnd: 'addon', url: 'x' })
      bus.onFrame(() => undefined)
      const { parentPort } = await import('node:worker_threads')
      parentPort.postMessage('open')`
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
    await once(worker, 'message')
    generate(200)
    assert.equal(await worker.terminate(), 1)
  })
})
