import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

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
