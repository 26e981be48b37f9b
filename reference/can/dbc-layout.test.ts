import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeMessage, encodeMessage } from './dbc-codec.js'
import { dbcMessage, type DbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

/**
 * The slow way, from the format's drawing: a bit after the other. Intel counts up from the least significant bit.
 * Motorola begins at the most significant one, walks down its byte, and goes on at bit 7 of the next.
 */
function slowRead(data: Uint8Array, start: number, length: number, motorola: boolean): bigint {
  let value = 0n
  let [byte, bit] = [Math.floor(start / 8), start % 8]
  for (let n = 0; n < length; n++) {
    const one = BigInt(((data[byte] ?? assert.fail('beyond the data')) >> bit) & 1)
    if (motorola) {
      value = value * 2n + one
      if (--bit < 0) [byte, bit] = [byte + 1, 7]
    } else {
      value += one * 2n ** BigInt(n)
      if (++bit > 7) [byte, bit] = [byte + 1, 0]
    }
  }
  return value
}

const layout = fc
  .record({
    motorola: fc.boolean(),
    signed: fc.boolean(),
    first: fc.nat(511),
    length: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 512 })),
    data: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  })
  .map(({ motorola, signed, first, length, data }) => ({
    motorola,
    signed,
    // Motorola's bits counted in their own order: bit 7 of byte 0 is the first one.
    start: motorola ? first - (first % 8) + 7 - (first % 8) : first,
    length: Math.min(length, 512 - first),
    data,
  }))

function message(rows: string, tail = ''): DbcMessage {
  return dbcMessage(parseDbc(`BO_ 1 M: 64 N\n${rows}${tail}`), 'M')
}

test('any signal of up to 512 bits reads as the slow way reads it, and writes back the bytes it was read from', () => {
  fc.assert(
    fc.property(layout, ({ motorola, signed, start, length, data }) => {
      const of = message(
        ` SG_ S : ${start}|${length}@${motorola ? 0 : 1}${signed ? '-' : '+'} (1,0) [0|0] "" N\n`,
      )
      const unsigned = slowRead(data, start, length, motorola)
      const raw = decodeMessage(of, data).get('S')?.raw ?? assert.fail('no value')
      assert.equal(BigInt(raw), signed ? BigInt.asIntN(length, unsigned) : unsigned)
      assert.equal(typeof raw, length <= 53 ? 'number' : 'bigint')
      const written = encodeMessage(of, { S: raw }, { raw: true })
      assert.equal(slowRead(written, start, length, motorola), unsigned)
      const all = encodeMessage(of, { S: signed ? -1 : 2n ** BigInt(length) - 1n }, { raw: true })
      assert.equal(
        [...all].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0),
        length,
      )
      const padded = encodeMessage(of, { S: signed ? 0 : 0n }, { raw: true, padding: 1 })
      assert.deepEqual(
        padded,
        all.map((byte) => 0xff & ~byte),
      )
    }),
  )
})

test('floats of both lengths and byte orders keep every bit of their number', () => {
  fc.assert(
    fc.property(fc.double(), fc.float(), fc.boolean(), fc.nat(7), (wide, narrow, motorola, shift) => {
      const order = motorola ? 0 : 1
      const [a, b] = motorola ? [7 - shift, 7 - shift + 128] : [shift, shift + 128]
      const of = message(
        ` SG_ W : ${a}|64@${order}- (1,0) [0|0] "" N\n SG_ S : ${b}|32@${order}- (1,0) [0|0] "" N\n`,
        'SIG_VALTYPE_ 1 W : 2;\nSIG_VALTYPE_ 1 S : 1;\n',
      )
      const decoded = decodeMessage(of, encodeMessage(of, { W: wide, S: narrow }))
      assert.ok(Object.is(decoded.get('W')?.raw, wide))
      assert.ok(Object.is(decoded.get('S')?.raw, narrow))
    }),
  )
})

test('several signals lie side by side without touching each other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ length: fc.integer({ min: 1, max: 64 }), gap: fc.nat(3), signed: fc.boolean() }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.boolean(),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      (parts, motorola, data) => {
        let at = 0
        const rows: string[] = []
        for (const { length, gap, signed } of parts) {
          at += gap
          if (at + length > 512) break
          const start = motorola ? at - (at % 8) + 7 - (at % 8) : at
          rows.push(
            ` SG_ S${at} : ${start}|${length}@${motorola ? 0 : 1}${signed ? '-' : '+'} (1,0) [0|0] "" N\n`,
          )
          at += length
        }
        const of = message(rows.join(''))
        const raws = Object.fromEntries([...decodeMessage(of, data)].map(([name, { raw }]) => [name, raw]))
        const again = decodeMessage(of, encodeMessage(of, raws, { raw: true }))
        assert.deepEqual(Object.fromEntries([...again].map(([name, { raw }]) => [name, raw])), raws)
      },
    ),
  )
})
