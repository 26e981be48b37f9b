import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counting, hex, joinLinks, joinPeer } from './test-iso-tp.js'

const FD = { txDl: 64, bitrateSwitch: true }

test('up to 62 bytes go in a single FD frame; with its flags', async () => {
  const { clock, line, a, b } = joinLinks({ a: { fd: FD } })
  await clock.run(a.link.send(counting(62)))
  assert.deepEqual(b.messages, [hex(counting(62))])
  assert.equal(line.log.length, 1)
  const { frame } = line.log[0] as (typeof line.log)[number]
  assert.deepEqual([frame.fd, frame.bitrateSwitch, frame.data.length], [true, true, 64])
})

test('a short message goes without the length byte, in an FD frame of 8 bytes', async () => {
  const { clock, line, a } = joinLinks({ a: { fd: FD } })
  await clock.run(a.link.send(counting(7)))
  assert.deepEqual(line.lines(), ['a 0700010203040506'])
  assert.equal(line.log[0]?.frame.fd, true)
})

test('a receiver learns the frames’ length from the first one, and is itself classic', async () => {
  const { clock, line, a, b } = joinLinks({ a: { fd: { txDl: 24, bitrateSwitch: false } } })
  await clock.run(a.link.send(counting(60)))
  assert.deepEqual(b.messages, [hex(counting(60))])
  assert.deepEqual(
    line.log.map(({ from, frame }) => `${from} ${frame.data.length} ${frame.fd ?? false}`),
    ['a 24 true', 'b 8 false', 'a 24 true', 'a 16 true'],
  )
  assert.equal(hex(line.log[3]?.frame.data as Uint8Array), `22${hex(counting(60).slice(45))}`)
})

test('the last frame of 24 bytes is filled up to the next length that exists, not to 24', async () => {
  const { clock, line, a } = joinLinks({
    a: { fd: { txDl: 24, bitrateSwitch: false }, padding: undefined },
  })
  await clock.run(a.link.send(counting(22 + 9)))
  assert.equal(line.lines().at(-1), 'a 21161718191a1b1c1d1ecccc')
})

const FIRST_16 = `10 20 ${hex(counting(14))}`
const from = (start: number, length: number) => hex(counting(64).slice(start, start + length))

test('a consecutive frame shorter than the first one, which is not the last, is ignored', async () => {
  const { tell, messages, faults } = joinPeer()
  await tell(FIRST_16, `21 ${from(14, 11)}`, `21 ${from(14, 15)}`, `22 ${from(29, 3)}`)
  assert.deepEqual([messages, faults], [[hex(counting(32))], []])
})

test('a consecutive frame longer than the first one is ignored, as the last one too', async () => {
  const { tell, messages, faults } = joinPeer()
  await tell(FIRST_16, `21 ${from(14, 19)}`, `21 ${from(14, 15)}`, `22 ${from(29, 3)} ${'cc'.repeat(16)}`)
  assert.deepEqual([messages, faults], [[], []])
  await tell(`22 ${from(29, 3)} ${'cc'.repeat(12)}`)
  assert.deepEqual([messages, faults], [[hex(counting(32))], []])
})

test('a last frame that does not hold what is missing is ignored', async () => {
  const { tell, messages, faults } = joinPeer()
  await tell(FIRST_16, `21 ${from(14, 15)}`, `22 ${from(29, 2)}`)
  assert.deepEqual([messages, faults], [[], []])
  await tell(`22 ${from(29, 3)}`)
  assert.deepEqual(messages, [hex(counting(32))])
})

test('the next message may have frames of another length', async () => {
  const { tell, messages } = joinPeer()
  await tell(FIRST_16, `21 ${from(14, 15)}`, `22 ${from(29, 3)}`, '10 08 00 01 02 03 04 05', '21 06 07')
  assert.deepEqual(messages, [hex(counting(32)), hex(counting(8))])
})
