import assert from 'node:assert/strict'
import { once } from 'node:events'
import { duplexPair, type Duplex } from 'node:stream'
import { describe, test, type TestContext } from 'node:test'
import type { CanBus } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../memory-can/memory-can.js'
import { serveSlcan, type SlcanAdapterOptions } from './slcan-adapter.js'

/** A host that types, and reads what comes back up to a text that it expects. */
class Host {
  #heard = ''
  constructor(readonly line: Duplex) {
    line.on('data', (bytes: Buffer) => (this.#heard += bytes.toString('latin1')))
  }

  /** @returns what came since the last call, once `characters` have come */
  async hear(characters: number): Promise<string> {
    while (this.#heard.length < characters) await once(this.line, 'data')
    const heard = this.#heard.slice(0, characters)
    this.#heard = this.#heard.slice(characters)
    return heard
  }

  /** Each command's answer must be the one beside it. */
  async talk(...exchanges: readonly (readonly [command: string, answer: string])[]): Promise<void> {
    for (const [command, answer] of exchanges) {
      this.line.write(`${command}\r`)
      assert.equal(await this.hear(answer.length), answer, `to ${command}`)
    }
  }
}

function station(t: TestContext, options: SlcanAdapterOptions = {}) {
  const can = createMemoryCan()
  const [hostEnd, adapterEnd] = duplexPair()
  const bus = can.join('adapter')
  const adapter = serveSlcan(adapterEnd, bus, options)
  t.after(async () => {
    await adapter.close()
    await can.close()
  })
  return { can, peer: can.join('peer'), host: new Host(hostEnd), adapter, hostEnd }
}

const frame = (id: number, ...data: number[]) => ({ id, extended: false, data: Uint8Array.from(data) })
const nextFrame = (bus: CanBus) => new Promise((resolve) => bus.onFrame(resolve))

describe('SLCAN adapter', { timeout: 20_000 }, () => {
  test('a host opens it in the order of the manual, and no other', async (t) => {
    const { host } = station(t)
    await host.talk(
      ['O', '\x07'],
      ['L', '\x07'],
      ['F', '\x07'],
      ['C', '\x07'],
      ['t1230', '\x07'],
      ['V', 'V1010\r'],
      ['N', 'NLS01\r'],
      ['', '\r'],
      ['S9', '\x07'],
      ['S6', '\r'],
      ['O', '\r'],
      ['O', '\x07'],
      ['S5', '\x07'],
      ['Z1', '\x07'],
      ['F', 'F00\r'],
      ['C', '\r'],
      ['s011C', '\r'],
      ['L', '\r'],
      ['C', '\r'],
    )
  })

  test('frames of the host go to the bus and are acknowledged by their length', async (t) => {
    const { host, peer } = station(t)
    await host.talk(['S6', '\r'], ['O', '\r'])
    for (const [line, answer, expected] of [
      ['t1232AB01', 'z\r', { id: 0x123, extended: false, data: Uint8Array.of(0xab, 1) }],
      ['T1FFFFFFF0', 'Z\r', { id: 0x1fffffff, extended: true, data: new Uint8Array(0) }],
      [
        'r1004',
        'z\r',
        { id: 0x100, extended: false, data: new Uint8Array(0), remote: true, remoteLength: 4 },
      ],
    ] as const) {
      const heard = nextFrame(peer)
      await host.talk([line, answer])
      const { timestampUs: _timestampUs, ...content } = (await heard) as { timestampUs: number }
      assert.deepEqual(content, expected)
    }
  })

  test('frames of the bus come as lines, with the time of the bus where the host asked for it', async (t) => {
    const { host, peer, can } = station(t)
    let atUs = 0
    can.tap(({ timestampUs }) => (atUs = timestampUs))
    await host.talk(['S6', '\r'], ['O', '\r'])
    await peer.send(frame(0x7ab, 1, 2))
    assert.equal(await host.hear(10), 't7AB20102\r')
    await host.talk(['C', '\r'], ['Z1', '\r'], ['O', '\r'])
    await peer.send(frame(0x7ab, 3))
    const stamp = (Math.floor(atUs / 1_000) % 60_000).toString(16).toUpperCase().padStart(4, '0')
    assert.equal(await host.hear(12), `t7AB103${stamp}\r`)
  })

  test('a closed channel passes nothing on', async (t) => {
    const { host, peer } = station(t)
    await host.talk(['S6', '\r'])
    await peer.send(frame(1))
    await host.talk(['O', '\r'])
    await peer.send(frame(2))
    assert.equal(await host.hear(6), 't0020\r')
  })

  test('a listener sends nothing', async (t) => {
    const { host, peer } = station(t)
    await host.talk(['S6', '\r'], ['L', '\r'], ['t1230', '\x07'])
    await peer.send(frame(3))
    assert.equal(await host.hear(6), 't0030\r')
  })

  test('a bus of another bit rate refuses the one that the host sets', async (t) => {
    const { host } = station(t, { bitrate: 250_000 })
    await host.talk(['S6', '\x07'], ['O', '\x07'], ['S5', '\r'], ['O', '\r'])
  })

  test('a full send queue refuses, and says so once in the flags', async (t) => {
    const { host, hostEnd } = station(t, { sendQueue: 2 })
    await host.talk(['S6', '\r'], ['O', '\r'])
    hostEnd.write('t0010\rt0020\rt0030\r')
    assert.equal(await host.hear(5), 'z\rz\r\x07')
    await host.talk(['F', 'F02\r'], ['F', 'F00\r'])
  })

  test('frames that a stalled host leaves no room for are dropped, and the flags say so', async (t) => {
    const { host, peer, hostEnd } = station(t, { receiveQueue: 4 })
    await host.talk(['S6', '\r'], ['O', '\r'])
    hostEnd.pause()
    // Each line is 22 bytes, and the pair of streams keeps 64 KiB.
    const count = Math.ceil((2 * 65_536) / 22) + 100
    const burst = Array.from({ length: count }, () => peer.send(frame(0x55, 0, 1, 2, 3, 4, 5, 6, 7)))
    await Promise.all(burst)
    hostEnd.resume()
    hostEnd.write('F\r')
    let heard = ''
    while (!heard.endsWith('F09\r')) heard += await host.hear(1)
    hostEnd.write('F\r')
    while (!heard.endsWith('F00\r')) heard += await host.hear(1)
    const lines = heard.split('\r').filter((line) => line.startsWith('t0558'))
    assert.ok(lines.length > 4 && lines.length < count, `${lines.length} of ${count}`)
  })

  test('what is no command is refused and told, and the next one is obeyed', async (t) => {
    const problems: string[] = []
    const { host } = station(t, { onGarbage: ({ problem }) => problems.push(problem) })
    await host.talk(['S6', '\r'], ['hello', '\x07'], ['t12', '\x07'], ['x'.repeat(500), '\x07'], ['O', '\r'])
    assert.deepEqual(problems, ['unknown-kind', 'bad-length', 'too-long'])
  })

  test('when the bus is gone, frames are refused and the flags tell of it', async (t) => {
    const { host, can } = station(t)
    await host.talk(['S6', '\r'], ['O', '\r'])
    await can.close()
    host.line.write('t1230\r')
    assert.equal(await host.hear(2), 'z\r')
    await host.talk(['F', 'F80\r'])
  })

  test('when the host hangs up, the adapter ends and leaves the bus in peace', async (t) => {
    const { hostEnd, adapter, peer, host } = station(t)
    await host.talk(['S6', '\r'], ['O', '\r'])
    hostEnd.end()
    await adapter.ended
    await peer.send(frame(1))
  })
})
