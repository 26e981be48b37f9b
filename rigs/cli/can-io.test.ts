import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { CanBusFault } from '../../reference/ports/can-bus.js'
import { createMemoryCan } from '../simulated/memory-can/memory-can.js'
import { onBus } from './can-io.js'

const MODULE = join(import.meta.dirname, 'can-io.js')

/** Sends itself a signal, and the same again in the turn after it was handled. */
const TWICE = `
import { processIo } from ${JSON.stringify(MODULE)}
const { stop } = processIo()
const busy = setInterval(() => undefined, 1000)
stop.addEventListener('abort', () => setImmediate(() => {
  process.kill(process.pid, 'SIGINT')
  // The signal is delivered in one of the next turns.
  setTimeout(() => clearInterval(busy), 50)
}))
process.kill(process.pid, 'SIGINT')
`

test('a signal that a wrapper sends twice ends the command in order', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', TWICE], { stdio: 'inherit' })
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('a bus that tells at its end that it did not get everything is heard, unless something went wrong before', async () => {
  const can = createMemoryCan()
  const node = can.join('node')
  const bus = { ...node, lost: node.lost, close: () => Promise.reject(new CanBusFault('not all got there')) }
  await assert.rejects(
    onBus(bus, async () => 0),
    CanBusFault,
  )
  await assert.rejects(
    onBus(bus, () => Promise.reject(new RangeError('first'))),
    RangeError,
  )
  await can.close()
})
