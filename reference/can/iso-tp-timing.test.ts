import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanLine, ReceivedCanFrame } from '../ports/can-bus.js'
import { VirtualClock } from '../../rigs/simulated/virtual-line/virtual-clock.js'
import { createVirtualLine } from '../../rigs/simulated/virtual-line/virtual-line.js'
import { openIsoTp } from './iso-tp-link.js'
import { A, B, counting, joinLinks, joinPeer } from './test-iso-tp.js'

const FRAME_US = 222

/** Gaps between the end of one consecutive frame and the start of the next, microseconds. */
async function gaps(separationMs: number, blockSize = 0): Promise<number[]> {
  const { clock, line, a } = joinLinks({ b: { separationMs, blockSize }, line: { frameUs: FRAME_US } })
  await clock.run(a.link.send(counting(60)))
  const ends = line.log.filter(({ frame }) => (frame.data[0] as number) >> 4 === 2).map(({ atUs }) => atUs)
  return ends.slice(1).map((end, i) => Math.round(end - FRAME_US - (ends[i] as number)))
}

for (const separationMs of [0, 0.1, 0.3, 0.9, 1, 20, 127]) {
  test(`STmin of ${separationMs} ms is kept exactly`, async () => {
    assert.deepEqual(await gaps(separationMs), Array(7).fill(separationMs * 1_000))
  })
}

test('the time that a flow control takes counts towards the separation', async () => {
  assert.deepEqual(await gaps(0.9, 2), [900, 900, 900, 900, 900, 900, 900])
  assert.deepEqual(await gaps(0.1, 2), [100, FRAME_US, 100, FRAME_US, 100, FRAME_US, 100])
})

test('each flow control sets block size and separation anew', async () => {
  const { clock, link, tell, line } = joinPeer()
  const sent = link.send(counting(40))
  await clock.advance(0)
  await tell('30 02 05')
  await clock.advance(6_000)
  await tell('30 00 0a')
  await clock.run(sent)
  const ends = line.log.filter(({ from, frame }) => from === 'b' && (frame.data[0] as number) >> 4 === 2)
  assert.deepEqual(
    ends.map(({ atUs }) => atUs),
    [0, 5_000, 15_000, 25_000, 35_000],
  )
})

/** A node whose driver takes frames at once, and echoes each when it is over on the wire. */
function echoingNode(clock: VirtualClock, line: CanLine): CanLine {
  const listeners = new Set<(frame: ReceivedCanFrame) => void>()
  return {
    async send(frame) {
      void line.send(frame).then(() => {
        for (const listener of listeners) listener({ ...frame, own: true, timestampUs: clock.nowUs() })
      })
    },
    onFrame(listener) {
      listeners.add(listener)
      return line.onFrame(listener)
    },
  }
}

test('where the bus takes frames before they are out, the separation starts when the node hears its own', async () => {
  const clock = new VirtualClock()
  const line = createVirtualLine(clock, { frameUs: FRAME_US })
  const a = openIsoTp(echoingNode(clock, line.a), A, { clock, confirmByOwn: true })
  const b = openIsoTp(line.b, B, { clock, separationMs: 0.5 })
  const received = new Promise((resolve) => b.onMessage(resolve))
  await clock.run(a.send(counting(40)))
  await clock.run(received)
  const ends = line.log.filter(({ frame }) => (frame.data[0] as number) >> 4 === 2).map(({ atUs }) => atUs)
  assert.deepEqual(
    ends.slice(1).map((end, i) => end - FRAME_US - (ends[i] as number)),
    [500, 500, 500, 500],
  )
})

test('a frame that the node never hears of itself: N_As, and the next message goes', async () => {
  const clock = new VirtualClock()
  const line = createVirtualLine(clock)
  const node = echoingNode(clock, line.a)
  let lost = true
  const deaf: CanLine = { ...node, send: (frame) => (lost ? Promise.resolve() : node.send(frame)) }
  const a = openIsoTp(deaf, A, { clock, confirmByOwn: true })
  await assert.rejects(clock.run(a.send(counting(3))), { name: 'IsoTpTimeout', timer: 'N_As' })
  lost = false
  await clock.run(a.send(counting(4)))
  assert.deepEqual(line.lines(), ['a 0400010203cccccc'])
})

test('with STmin 0 no timer is used between frames', async () => {
  const { clock, a, b } = joinLinks({ a: {}, b: { blockSize: 0 } })
  const after = clock.after.bind(clock)
  let timers = 0
  clock.after = (delayUs, call) => {
    timers++
    return after(delayUs, call)
  }
  await clock.run(a.link.send(counting(4095)))
  assert.equal(b.messages.length, 1)
  // One at each end for the timeouts; a frame alone would make 586.
  assert.ok(timers <= 4, `${timers} timers`)
})
