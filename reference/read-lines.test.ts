import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { LinesEnded, lineIterator, nextLine, readLines } from './read-lines.js'

function reading(options: { maxLineCharacters?: number } = {}, onLine?: (line: string) => void) {
  const source = new PassThrough()
  const lines: string[] = []
  const ends: (Error | undefined)[] = []
  readLines(source, onLine ?? ((line) => lines.push(line)), {
    ...options,
    onEnd: (cause) => ends.push(cause),
  })
  return { source, lines, ends }
}

test('lines are put together across chunks, characters too; the last needs no line break', async () => {
  const { source, lines, ends } = reading()
  const bytes = Buffer.from('a\r\nB-17 车位\n\nlast')
  for (const byte of bytes) source.write(Uint8Array.of(byte))
  source.end()
  await once(source, 'end')
  assert.deepEqual(lines, ['a', 'B-17 车位', '', 'last'])
  assert.deepEqual(ends, [undefined])
})

test('a source that fails, a line that is too long and a listener that throws are ends, and no exception', async () => {
  const failed = reading()
  failed.source.destroy(new Error('ECONNRESET'))
  await new Promise((resolve) => failed.source.once('close', resolve))
  assert.deepEqual(failed.ends.map(String), ['Error: ECONNRESET'])

  const long = reading({ maxLineCharacters: 10 })
  long.source.write('12345678901')
  await once(long.source, 'close')
  assert.match(String(long.ends[0]), /over 10 characters/)
  assert.equal(long.source.destroyed, true)

  const throwing = reading({}, (line) => void JSON.parse(line))
  throwing.source.write('{}\nnot JSON\n{}\n')
  await once(throwing.source, 'close')
  assert.match(String(throwing.ends[0]), /SyntaxError/)
  assert.equal(throwing.ends.length, 1)
})

test('an awaited line is refused when the source ends first, or its time is over', async () => {
  const source = new PassThrough()
  source.end()
  await assert.rejects(nextLine(source), LinesEnded)
  await assert.rejects(nextLine(new PassThrough(), AbortSignal.abort(new Error('late'))), /late/)
  const spoken = new PassThrough()
  spoken.write('one\ntwo\n')
  assert.equal(await nextLine(spoken), 'one')
})

test('an iterator keeps what comes early and is done at the end', async () => {
  const source = new PassThrough()
  const lines = lineIterator(source)
  const first = lines.next()
  source.end('1\n2\n')
  assert.deepEqual(await first, { done: false, value: '1' })
  assert.deepEqual(await lines.next(), { done: false, value: '2' })
  assert.deepEqual(await lines.next(), { done: true, value: undefined })
})

/** A peer that closes with an answer unread: its kernel answers the next bytes with a reset. */
async function resetBy(t: TestContext, serve: (socket: Socket) => void): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    const server = createServer((socket) => {
      socket.once('close', () => resolve())
      serve(socket)
    }).listen(0, '127.0.0.1', () => {
      const address = server.address()
      const peer = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
      peer.write('question\n')
      peer.once('readable', () => peer.resetAndDestroy())
    })
    t.after(() => server.close())
  })
  await ended
}

test('a peer that resets the connection ends the reading, not the process', (t) =>
  resetBy(t, (socket) => readLines(socket, () => socket.write('answer\n'))))
