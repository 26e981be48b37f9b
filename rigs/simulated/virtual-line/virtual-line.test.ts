import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock, VirtualTimeEnded } from './virtual-clock.js'
import { createVirtualLine } from './virtual-line.js'

test('waits end in the order of their times, and what is called off does not happen', async () => {
  const clock = new VirtualClock()
  const happened: string[] = []
  clock.after(30, () => happened.push(`c ${clock.nowUs()}`))
  const cancel = clock.after(20, () => happened.push('cancelled'))
  clock.after(10, () => clock.after(5, () => happened.push(`b ${clock.nowUs()}`)))
  clock.after(10, () => happened.push(`a ${clock.nowUs()}`))
  cancel()
  await clock.advance(29)
  assert.deepEqual(happened, ['a 10', 'b 15'])
  assert.equal(clock.nowUs(), 29)
  await clock.advance()
  assert.deepEqual(happened, ['a 10', 'b 15', 'c 30'])
})

test('a promise that nothing can settle ends the run by name', async () => {
  await assert.rejects(new VirtualClock().run(new Promise(() => undefined)), VirtualTimeEnded)
})

test('what goes on for ever ends the run by name', async () => {
  const clock = new VirtualClock()
  const again = () => void clock.after(60_000_000, again)
  again()
  await assert.rejects(clock.advance(), VirtualTimeEnded)
})

test('frames of both ends hold the line one after the other', async () => {
  const clock = new VirtualClock()
  const line = createVirtualLine(clock, { frameUs: 250 })
  const frame = { id: 1, extended: false, data: Uint8Array.of(1) }
  await clock.run(Promise.all([line.a.send(frame), line.b.send(frame), line.a.send(frame)]))
  assert.deepEqual(
    line.log.map(({ from, atUs }) => [from, atUs]),
    [
      ['a', 250],
      ['b', 500],
      ['a', 750],
    ],
  )
})
