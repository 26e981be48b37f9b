import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  IsoTpError,
  IsoTpInvalidFlowStatus,
  IsoTpOverflow,
  IsoTpTimeout,
  IsoTpWaitLimit,
  type IsoTpTimer,
} from './iso-tp-errors.js'
import { counting, hex, joinLinks, joinPeer } from './test-iso-tp.js'

const timeout = (timer: IsoTpTimer) => (error: unknown) =>
  error instanceof IsoTpTimeout && error.timer === timer

/** A link that has sent the first frame of 20 bytes to a peer that answers by hand. */
async function sending(changes = {}) {
  const peer = joinPeer(changes)
  const sent = peer.link.send(counting(20))
  // Observed now, so that an early rejection is nobody's surprise; the tests await it.
  sent.catch(() => undefined)
  await peer.clock.advance(0)
  return { ...peer, sent }
}

test('no flow control: N_Bs, at its time', async () => {
  const { clock, sent } = await sending({ flowControlTimeoutMs: 250 })
  await assert.rejects(clock.run(sent), timeout('N_Bs'))
  assert.equal(clock.nowUs(), 250_000)
  assert.equal(clock.waiting, 0)
})

test('each wait starts N_Bs again', async () => {
  const { clock, sent, tell, answers } = await sending()
  await clock.advance(900_000)
  await tell('31 00 00')
  await clock.advance(900_000)
  await tell('31 00 00')
  await clock.advance(900_000)
  await tell('30 00 00')
  await clock.run(sent)
  assert.equal(answers().length, 3)
})

test('waits are borne up to their limit, counted in a row', async () => {
  const { clock, sent, tell } = await sending({ maxWaitFrames: 2 })
  await tell('31 00 00', '31 00 00', '30 01 00', '31 00 00', '31 00 00', '31 00 00')
  await assert.rejects(clock.run(sent), IsoTpWaitLimit)
  const again = await sending({ maxWaitFrames: 2 })
  await again.tell('31 00 00', '31 00 00', '30 01 00', '31 00 00', '31 00 00', '30 00 00')
  await again.clock.run(again.sent)
})

test('with a limit of none the first wait ends the message', async () => {
  const { clock, sent, tell } = await sending({ maxWaitFrames: 0 })
  await tell('31 00 00')
  await assert.rejects(clock.run(sent), IsoTpWaitLimit)
})

for (const status of ['33', '37', '3f']) {
  test(`flow status 0x${status} does not exist, and ends the message`, async () => {
    const { clock, sent, tell } = await sending()
    await tell(`${status} 00 00`)
    await assert.rejects(clock.run(sent), IsoTpInvalidFlowStatus)
  })
}

test('a flow control that lacks bytes is ignored', async () => {
  const { clock, sent, tell, answers } = await sending()
  await tell('30 00', '32')
  assert.equal(answers().length, 1)
  await tell('30 00 00')
  await clock.run(sent)
})

test('flow controls that nothing waits for are ignored: before, within a block, and after', async () => {
  const { tell, clock, link, answers } = joinPeer()
  await tell('32 00 00', '30 00 00')
  const sent = link.send(counting(40))
  await clock.advance(0)
  // The first one is taken, and asks for pauses; the others come in these.
  await tell('30 00 0a')
  assert.equal(answers().length, 2)
  await tell('32 00 00', '30 01 00', '35 00 00')
  await clock.run(sent)
  assert.equal(answers().length, 6)
  await tell('32 00 00')
})

test('the receiver’s overflow ends the message', async () => {
  const { clock, sent, tell } = await sending()
  await tell('32 00 00')
  await assert.rejects(clock.run(sent), IsoTpOverflow)
})

test('a bus that does not take a frame: N_As', async () => {
  const { clock, a, line } = joinLinks({ a: { transmitTimeoutMs: 70 } })
  line.hold('a')
  await assert.rejects(clock.run(a.link.send(counting(3))), timeout('N_As'))
  assert.equal(clock.nowUs(), 70_000)
  line.hold(undefined)
  await clock.run(a.link.send(counting(3)))
})

test('a bus that does not take the flow control: N_Ar, and the message is dropped', async () => {
  const { tell, clock, line, faults, messages } = joinPeer({ transmitTimeoutMs: 70 })
  line.hold('b')
  await tell('10 14 00 01 02 03 04 05')
  await clock.advance(70_000)
  assert.ok(timeout('N_Ar')(faults[0]), String(faults[0]))
  await tell('21 06 07 08 09 0a 0b 0c')
  assert.deepEqual(messages, [])
})

test('what a bus throws at the flow control is the cause of the fault', async () => {
  const { tell, line, faults } = joinPeer()
  const cause = new Error('bus off')
  line.b.send = () => Promise.reject(cause)
  await tell('10 14 00 01 02 03 04 05')
  assert.ok(faults[0] instanceof IsoTpError)
  assert.equal(faults[0].cause, cause)
})

test('a consecutive frame that does not come: N_Cr after the last one, at its time', async () => {
  const { tell, clock, faults } = joinPeer({ consecutiveTimeoutMs: 150 })
  await tell('10 20 00 01 02 03 04 05')
  await clock.advance(149_000)
  await tell('21 06 07 08 09 0a 0b 0c')
  await clock.advance(149_000)
  assert.deepEqual(faults, [])
  await clock.advance(1_000)
  assert.ok(timeout('N_Cr')(faults[0]))
  assert.equal(clock.waiting, 0)
})

test('no consecutive frame at all: N_Cr from the flow control on', async () => {
  const { tell, clock, faults } = joinPeer({ consecutiveTimeoutMs: 150 })
  await tell('10 20 00 01 02 03 04 05')
  await clock.advance(150_000)
  assert.ok(timeout('N_Cr')(faults[0]))
})

test('a paused receiver asks to wait until it is resumed, and then lets the message come at once', async () => {
  const { clock, line, a, b } = joinLinks({ b: { waitIntervalMs: 400 } })
  b.link.pause()
  const sent = a.link.send(counting(20))
  await clock.advance(1_000_000)
  assert.deepEqual(line.lines().slice(1), Array(3).fill('b 310800cccccccccc'))
  assert.deepEqual(
    line.log.map(({ atUs }) => atUs),
    [0, 0, 400_000, 800_000],
  )
  b.link.resume()
  await clock.run(sent)
  assert.equal(clock.nowUs(), 1_000_000)
  assert.deepEqual(b.messages, [hex(counting(20))])
})

test('a receiver that is paused within a message holds it at the end of the block', async () => {
  const { clock, line, a, b } = joinLinks({ b: { blockSize: 2 } })
  const sent = a.link.send(counting(60))
  line.drop(({ data }) => {
    if (data[0] === 0x22) b.link.pause()
    return false
  })
  await clock.advance(0)
  assert.deepEqual(line.lines().slice(-2), ['a 220d0e0f10111213', 'b 310200cccccccccc'])
  b.link.resume()
  await clock.run(sent)
  assert.deepEqual(b.messages, [hex(counting(60))])
})

test('a receiver that stays paused gives the message up after its limit of waits; so does the sender', async () => {
  const { clock, line, a, b } = joinLinks({
    a: { maxWaitFrames: 100 },
    b: { maxWaitFramesSent: 3, waitIntervalMs: 100 },
  })
  b.link.pause()
  await assert.rejects(clock.run(a.link.send(counting(20))), timeout('N_Bs'))
  assert.equal(line.lines().length, 1 + 3)
  assert.ok(b.faults[0] instanceof IsoTpWaitLimit)
  assert.equal(b.faults.length, 1)
})

test('a consecutive frame that comes while the receiver asks to wait is ignored', async () => {
  const { tell, link, messages, faults } = joinPeer()
  link.pause()
  await tell('10 08 00 01 02 03 04 05', '21 06 07')
  assert.deepEqual([messages, faults], [[], []])
  link.resume()
  await tell('21 06 07')
  assert.deepEqual(messages, ['0001020304050607'])
})

test('a message longer than the receiver takes: both sides say so', async () => {
  const { clock, line, a, b } = joinLinks({ b: { maxBytes: 100 } })
  await assert.rejects(clock.run(a.link.send(counting(101))), IsoTpOverflow)
  assert.ok(b.faults[0] instanceof IsoTpOverflow)
  assert.equal(line.lines().at(-1), 'b 320800cccccccccc')
  await clock.run(a.link.send(counting(100)))
  assert.deepEqual(b.messages, [hex(counting(100))])
})

test('a receiver may ask to wait as often again in the next block', async () => {
  const { clock, line, a, b } = joinLinks({ b: { blockSize: 2, maxWaitFramesSent: 2, waitIntervalMs: 100 } })
  const sent = a.link.send(counting(30))
  b.link.pause()
  line.drop(({ data }) => {
    if (data[0] === 0x22) b.link.pause()
    return false
  })
  for (let blocks = 0; blocks < 2; blocks++) {
    await clock.advance(150_000)
    b.link.resume()
    await clock.advance(0)
  }
  await clock.run(sent)
  assert.deepEqual([b.messages, b.faults], [[hex(counting(30))], []])
  assert.equal(line.lines().filter((text) => text.startsWith('b 31')).length, 4)
})
