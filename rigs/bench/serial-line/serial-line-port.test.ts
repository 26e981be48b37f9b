import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { SerialLinePort } from './serial-line-port.js'

async function openLine(t: TestContext) {
  const received: string[] = []
  let wake = () => {}
  const line = new SerialLinePort({
    onBytes: (bytes) => {
      received.push(Buffer.from(bytes).toString())
      wake()
    },
  })
  const port = await line.listen()
  t.after(() => line.close())
  const client = () => {
    const socket = connect({ host: '127.0.0.1', port })
    t.after(() => socket.destroy())
    return socket
  }
  const bytes = () => new Promise<void>((resolve) => (wake = resolve))
  return { line, received, client, bytes }
}

test('A second client waits until the first has gone, a third is turned away', async (t) => {
  const { received, client, bytes } = await openLine(t)
  const first = client()
  const firstBytes = bytes()
  first.write('one')
  await firstBytes
  const second = client()
  await once(second, 'connect')
  second.write('two')
  const third = client()
  await once(third, 'close')
  assert.deepEqual(received, ['one'])
  const secondBytes = bytes()
  first.end()
  await secondBytes
  assert.deepEqual(received, ['one', 'two'])
})

test('While the line is held nobody is let in, and what the dropped client says is not heard', async (t) => {
  const { line, received, client, bytes } = await openLine(t)
  const first = client()
  const firstBytes = bytes()
  first.write('one')
  await firstBytes
  line.hold()
  await once(first, 'close')
  const second = client()
  await once(second, 'connect')
  second.write('two')
  assert.equal(line.taken, false)
  const secondBytes = bytes()
  line.letIn()
  await secondBytes
  assert.deepEqual(received, ['one', 'two'])
})
