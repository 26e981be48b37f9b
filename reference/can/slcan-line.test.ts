import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_SLCAN_LINE, printable, SlcanLineReader } from './slcan-line.js'

function read(...chunks: readonly string[]): string[] {
  const heard: string[] = []
  const reader = new SlcanLineReader({
    line: (line) => heard.push(printable(line)),
    bell: () => heard.push('BEL'),
    garbage: ({ problem, line }) => heard.push(`${problem}:${line.length}`),
  })
  for (const chunk of chunks) reader.push(Buffer.from(chunk, 'latin1'))
  return heard
}

test('lines are cut at each CR, however the bytes come', () => {
  assert.deepEqual(read('t1230\r\rz\r'), ['t1230', '', 'z'])
  assert.deepEqual(read('t1', '230', '\r', '\rz', '\r'), ['t1230', '', 'z'])
})

test('a BEL stands for itself, and a line that it cuts is told', () => {
  assert.deepEqual(read('\x07t1230\r\x07\x07'), ['BEL', 't1230', 'BEL', 'BEL'])
  assert.deepEqual(read('t12\x0730\r'), ['cut:3', 'BEL', '30'])
})

test('the longest line is whole, a longer one is told and what follows it is heard', () => {
  const longest = 'D'.padEnd(MAX_SLCAN_LINE, '0')
  assert.deepEqual(read(`${longest}\r`), [longest])
  assert.deepEqual(read(`${longest}0\rt1230\r`), [`too-long:${MAX_SLCAN_LINE}`, 't1230'])
  assert.deepEqual(read(...Array<string>(1_000).fill('0'.repeat(1_000)), '\rt1230\r'), [
    `too-long:${MAX_SLCAN_LINE}`,
    't1230',
  ])
})

test('what is not printable is shown by its number', () => {
  assert.deepEqual(read('\x00t\xff\n\r'), ['\\x00t\\xff\\x0a'])
})
