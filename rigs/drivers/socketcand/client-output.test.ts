import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientOutput } from './client-output.js'

/** A socket whose reader can stop. */
function stoppableSocket() {
  const written: string[] = []
  const socket = {
    full: false,
    written,
    write(text: string) {
      written.push(text)
      return !socket.full
    },
  }
  return socket
}

const refuse = () => assert.fail('the client is no glutton')
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what comes in one turn goes out in one piece', async () => {
  const socket = stoppableSocket()
  const output = new ClientOutput(socket, 100, refuse)
  output.answer('<a>')
  output.frame(() => '<1>')
  output.frame(() => '<2>')
  assert.deepEqual(socket.written, [])
  await turn()
  assert.deepEqual(socket.written, ['<a><1><2>'])
})

test('frames beyond the limit are counted where they are missing', async () => {
  const socket = stoppableSocket()
  const output = new ClientOutput(socket, 2, refuse)
  socket.full = true
  output.frame(() => '<0>')
  await turn()
  for (const text of ['<1>', '<2>', '<3>', '<4>', '<5>']) output.frame(() => text)
  output.answer('<echo>')
  assert.deepEqual(socket.written, ['<0>'])
  socket.full = false
  output.drained()
  output.frame(() => '<6>')
  await turn()
  assert.equal(socket.written.join(''), '<0><1><2><echo>< lost 3 ><6>')
})

test('a loss that follows another one before it is told is added to it, and one inexact makes the sum so', async () => {
  const socket = stoppableSocket()
  const output = new ClientOutput(socket, 2, refuse)
  output.lost(2, true)
  output.lost(3, false)
  await turn()
  output.lost(1, true)
  await turn()
  assert.deepEqual(socket.written, ['< lost 5 or more >', '< lost 1 >'])
})

test('a full buffer is no loss while the socket takes more', async () => {
  const socket = stoppableSocket()
  const output = new ClientOutput(socket, 2, refuse)
  for (let i = 0; i < 5; i++) output.frame(() => `<${i}>`)
  await turn()
  assert.equal(socket.written.join(''), '<0><1><2><3><4>')
})

test('a client that asks and does not read is given up', async () => {
  const socket = stoppableSocket()
  let givenUp = 0
  const output = new ClientOutput(socket, 2, () => givenUp++)
  for (let i = 0; i < 5_000; i++) output.answer('<echo>')
  assert.equal(givenUp, 0)
  socket.full = true
  await turn()
  for (let i = 0; i < 5_000; i++) output.answer('<echo>')
  assert.ok(givenUp > 0)
})
