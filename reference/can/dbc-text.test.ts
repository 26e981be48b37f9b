import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDbc } from './dbc-parser.js'
import { readDbcText } from './dbc-text.js'

test('a DBC file in GBK is read to its end, a backslash as the second byte of a character before a quote included', () => {
  const bytes = Buffer.concat([
    Buffer.from('BO_ 1 M: 1 N\n SG_ S : 0|8@1+ (1,0) [0|0] "" N\nVAL_ 1 S 0 "'),
    Buffer.of(0xb9, 0xd8, 0xb1, 0xd5, 0xb3, 0x5c),
    Buffer.from('" ;\n'),
  ])
  const names = (encoding?: string) => [
    ...(parseDbc(readDbcText(bytes, encoding)).messages[0]?.signals[0]?.valueNames.values() ?? []),
  ]
  assert.deepEqual(names(), ['关闭砛'])
  assert.deepEqual(names('gb18030'), ['关闭砛'])
})
