import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { CanBusFault, type ReceivedCanFrame } from '../ports/can-bus.js'
import { CanReception } from './can-reception.js'

const frame = (id: number, own?: true): ReceivedCanFrame => ({
  id,
  extended: false,
  data: Uint8Array.of(id),
  timestampUs: 0,
  ...(own && { own }),
})

test('own frames are heard only where they are asked for', () => {
  for (const receiveOwn of [false, true]) {
    const reception = new CanReception({ receiveOwn })
    const heard: number[] = []
    reception.onFrame(({ id }) => heard.push(id))
    reception.deliver(frame(1, true))
    reception.deliver(frame(2))
    assert.deepEqual(heard, receiveOwn ? [1, 2] : [2])
  }
})

test('what one listener does to a frame, another does not see', () => {
  const reception = new CanReception({})
  reception.onFrame(({ data }) => data.fill(0))
  let seen: Uint8Array | undefined
  reception.onFrame(({ data }) => (seen = data))
  reception.deliver(frame(7))
  assert.deepEqual(seen, Uint8Array.of(7))
})

test('a listener that throws is its owner’s bug: it surfaces, and the others hear', async () => {
  const reception = new CanReception({})
  reception.onFrame(() => {
    throw new Error('bug')
  })
  let heard = 0
  reception.onFrame(() => heard++)
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const surfaced = once(process, 'uncaughtException')
  reception.deliver(frame(1))
  const [error] = (await surfaced) as [Error]
  for (const listener of listeners) process.on('uncaughtException', listener)
  assert.equal(error.message, 'bug')
  assert.equal(heard, 1)
})

test('a function that subscribes twice is heard twice, and leaves once for each', () => {
  const reception = new CanReception({})
  let heard = 0
  const listener = () => heard++
  const unsubscribe = reception.onFrame(listener)
  reception.onFrame(listener)
  reception.deliver(frame(1))
  unsubscribe()
  reception.deliver(frame(1))
  assert.equal(heard, 3)
})

test('a loss that is not exact makes the whole count a least one', () => {
  const reception = new CanReception({})
  const told: unknown[] = []
  reception.onLoss((lost) => told.push(lost))
  reception.countLost(3)
  reception.countLost(0)
  reception.countLost(1, false)
  reception.countLost(2)
  assert.deepEqual(reception.lost, { frames: 6, exact: false })
  assert.deepEqual(told, [
    { frames: 3, exact: true },
    { frames: 4, exact: false },
    { frames: 6, exact: false },
  ])
})

test('only the first fault is told, and none after the end', () => {
  const reception = new CanReception({})
  const faults: string[] = []
  reception.onFault(({ message }) => faults.push(message))
  reception.fail(new CanBusFault('cable out'))
  reception.fail(new CanBusFault('and again'))
  assert.deepEqual(faults, ['cable out'])
  assert.equal(reception.fault?.message, 'cable out')

  const ended = new CanReception({})
  ended.onFault(() => faults.push('late'))
  ended.end()
  ended.fail(new CanBusFault('closed already'))
  ended.countLost(1)
  assert.deepEqual(faults, ['cable out'])
  assert.equal(ended.lost.frames, 0)
})
