import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counting, joinLinks, joinPeer } from './test-iso-tp.js'

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
