import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test, type TestContext } from 'node:test'
import type { Firmata } from 'firmata-io'
import { BoardWatch } from './board-watch.js'

const SILENCE_MS = 800

/** A watch on mocked timers, over a board of which only the reports exist. */
function watched(t: TestContext, hardwareClock?: () => Promise<number>) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const io = new EventEmitter()
  const losses: string[] = []
  let questions = 0
  const watch = new BoardWatch({
    io: io as Firmata,
    askVersion: () => questions++,
    silenceMs: SILENCE_MS,
    ...(hardwareClock && { hardwareClock }),
    onLoss: (loss) => {
      losses.push(loss)
      watch.stop()
    },
  })
  t.after(() => watch.stop())
  /** So much wall time passes, and whatever waits for the event loop is done. */
  const pass = async (ms: number, each: () => void = () => undefined) => {
    for (let passed = 0; passed < ms; passed += 50) {
      t.mock.timers.tick(50)
      each()
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { io, watch, losses, pass, questions: () => questions }
}

test('a board that is silent is frozen, and told once', async (t) => {
  const { losses, pass, questions } = watched(t)
  await pass(SILENCE_MS - 50)
  assert.deepEqual(losses, [])
  await pass(5_000)
  assert.deepEqual(losses, ['frozen'])
  assert.equal(questions(), 3)
})

test('a board that answers each question and measures nothing says that it lives', async (t) => {
  const { io, losses, pass, questions } = watched(t)
  let answered = 0
  await pass(SILENCE_MS, () => {
    while (answered < questions()) answered += Number(io.emit('reportversion'))
  })
  assert.deepEqual(losses, ['no-samples'])
})

test('a board that answers all its questions together has not lived through them', async (t) => {
  const { io, losses, pass } = watched(t)
  await pass(SILENCE_MS - 50)
  for (let i = 0; i < 4; i++) io.emit('reportversion')
  await pass(50)
  assert.deepEqual(losses, ['frozen'])
})

test('a board whose own clock lags behind is late, not gone; the next sample ends the doubt', async (t) => {
  let boardMs = 0
  const { watch, losses, pass } = watched(t, () => Promise.resolve(boardMs))
  await pass(10_000, () => (boardMs += 1))
  assert.deepEqual(losses, [])
  watch.measured()
  await pass(10_000, () => (boardMs += 1))
  assert.deepEqual(losses, [])
})

test('a board whose clock goes on while it says nothing is gone after the silence', async (t) => {
  let boardMs = 0
  const { losses, pass } = watched(t, () => Promise.resolve(boardMs))
  await pass(SILENCE_MS, () => (boardMs += 50))
  assert.deepEqual(losses, ['frozen'])
})

test('a board that is late long enough by its own clock too is gone', async (t) => {
  let boardMs = 0
  const { losses, pass } = watched(t, () => Promise.resolve(boardMs))
  await pass(3_000, () => (boardMs += 10))
  assert.deepEqual(losses, ['frozen'])
})

test('when nothing tells the time the wall decides', async (t) => {
  const { losses, pass } = watched(t, () => Promise.reject(new Error('the process is gone')))
  await pass(SILENCE_MS)
  assert.deepEqual(losses, ['frozen'])
})
