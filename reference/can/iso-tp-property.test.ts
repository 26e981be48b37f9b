import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mixedFixedAddress, normalFixedAddress, type IsoTpAddress } from './iso-tp-address.js'
import type { IsoTpOptions } from './iso-tp-link.js'
import { A, B, counting, hex, joinLinks } from './test-iso-tp.js'

const ADDRESSINGS: readonly (readonly [IsoTpAddress, IsoTpAddress])[] = [
  [A, B],
  [normalFixedAddress(0xf1, 0x10), normalFixedAddress(0x10, 0xf1)],
  [
    { ...A, peerAddress: 0x10, ownAddress: 0xf1 },
    { ...B, peerAddress: 0xf1, ownAddress: 0x10 },
  ],
  [
    { ...A, addressExtension: 0x42 },
    { ...B, addressExtension: 0x42 },
  ],
  [mixedFixedAddress(0xf1, 0x10, 0x42), mixedFixedAddress(0x10, 0xf1, 0x42)],
]

const options: fc.Arbitrary<Partial<IsoTpOptions>> = fc.record({
  padding: fc.option(fc.nat(255), { nil: undefined }),
  blockSize: fc.oneof(fc.nat(9), fc.nat(255)),
  separationMs: fc.oneof(
    fc.constant(0),
    fc.nat(127),
    fc.integer({ min: 1, max: 9 }).map((n) => n / 10),
  ),
  maxBytes: fc.constant(5_000),
  duplex: fc.constantFrom('full', 'half'),
  fd: fc.option(
    fc.record({ txDl: fc.constantFrom(8, 12, 16, 20, 24, 32, 48, 64), bitrateSwitch: fc.boolean() }),
    { nil: undefined },
  ),
})

/** Around the ends of single, first and consecutive frames of every length, and of both kinds of first frames. */
const BORDERS = [1, 6, 7, 8, 9, 10, 11, 13, 14, 61, 62, 63, 64, 110, 111, 112, 4_094, 4_095, 4_096, 5_000]

test('any payload arrives whole, whatever the addressing, lengths, block size, separation and padding', async () => {
  const payload = fc.oneof(
    fc.constantFrom(...BORDERS).map(counting),
    fc.uint8Array({ minLength: 1, maxLength: 5_000, size: 'max' }),
    fc.uint8Array({ minLength: 1, maxLength: 130, size: 'max' }),
  )
  await fc.assert(
    fc.asyncProperty(
      payload,
      payload,
      options,
      options,
      fc.constantFrom(...ADDRESSINGS),
      fc.constantFrom(0, 222),
      async (there, back, optionsA, optionsB, [addressA, addressB], frameUs) => {
        const { clock, a, b } = joinLinks({
          a: optionsA,
          b: optionsB,
          addressA,
          addressB,
          line: { frameUs, logFrames: 0 },
        })
        await clock.run(a.link.send(there))
        await clock.run(b.link.send(back))
        assert.deepEqual([b.messages, a.messages], [[hex(there)], [hex(back)]])
        assert.deepEqual([...a.faults, ...b.faults], [])
        assert.equal(clock.waiting, 0)
      },
    ),
    { numRuns: 200 },
  )
})
