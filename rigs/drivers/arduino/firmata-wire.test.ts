import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firmata, FirmataParser, type FirmataMessage } from './firmata-wire.js'

function parse(...chunks: readonly number[][]): FirmataMessage[] {
  const messages: FirmataMessage[] = []
  const parser = new FirmataParser((message) => messages.push(message))
  for (const chunk of chunks) parser.push(Uint8Array.from(chunk))
  return messages
}

test('Messages are read whatever the pieces they come in', () => {
  assert.deepEqual(parse([0xe1, 0x1a], [0x04, 0x90], [0x04, 0x00, 0xf9, 2, 5, 0xf0, 0x79], [2, 5, 0xf7]), [
    { type: 'analog', channel: 1, value: 538 },
    { type: 'digital', port: 0, levels: 4 },
    { type: 'version', major: 2, minor: 5 },
    { type: 'sysex', bytes: [0x79, 2, 5] },
  ])
})

test('Half a message, stray bytes and an endless one do not hide what follows', () => {
  const version: FirmataMessage = { type: 'version', major: 2, minor: 5 }
  const asked = [0xf9, 2, 5]
  assert.deepEqual(parse([0x12, 0x7f, 0xe0, 0x01], asked), [version])
  assert.deepEqual(parse([0xf7, 0xf0, 0x71, 0x01], asked), [version])
  assert.deepEqual(parse([0xf0, ...Array.from({ length: 5000 }, () => 1)], asked), [version])
})

test('Commands are those of the protocol', () => {
  assert.deepEqual(firmata.setPinMode(8, 'output'), [0xf4, 8, 1])
  assert.deepEqual(firmata.setDigitalPin(8, false), [0xf5, 8, 0])
  assert.deepEqual(firmata.reportAnalog(0, true), [0xc0, 1])
  assert.deepEqual(firmata.reportDigital(1, false), [0xd1, 0])
})
