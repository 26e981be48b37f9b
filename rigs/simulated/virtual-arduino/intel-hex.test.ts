import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedHex, readIntelHex } from './intel-hex.js'

const END = ':00000001FF'

test('Records land at their addresses, and the rest is erased flash', () => {
  const image = readIntelHex(`:02000400AABB95\r\n${END}\r\n`, 8)
  assert.deepEqual([...image], [0xff, 0xff, 0xff, 0xff, 0xaa, 0xbb, 0xff, 0xff])
})

test('A damaged file is refused with the line', () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(
      () => readIntelHex(text, 8),
      (error: unknown) => error instanceof MalformedHex && message.test(error.message),
    )
  refused(`:02000400AABB96\n${END}`, /line 1: its checksum/)
  refused(`${':02000400AABB95'}\n:03000400AABB95\n${END}`, /line 2: its length/)
  refused(`hello\n${END}`, /line 1: it is not a record/)
  refused(`:02000700AABB92\n${END}`, /beyond 8 bytes/)
  refused(':020000040001F9', /record type 4/)
  refused(':02000400AABB95', /no end-of-file/)
})
