import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MalformedPgm, PgmParser, type PgmPicture } from './pgm-parser.js'

const pgm = (width: number, height: number, fill: number) =>
  Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), Buffer.alloc(width * height, fill)])

function parse(chunks: readonly Uint8Array[]): PgmPicture[] {
  const pictures: PgmPicture[] = []
  const parser = new PgmParser((picture) => pictures.push(picture))
  for (const chunk of chunks) parser.push(chunk)
  return pictures
}

test('pictures come out whole however the bytes are chopped, and may change their size', () => {
  const stream = Buffer.concat([pgm(4, 3, 10), pgm(1, 1, 200), pgm(7, 2, 32)])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), stream.length]
      const pictures = parse(edges.slice(1).map((end, i) => stream.subarray(edges[i], end)))
      assert.deepEqual(
        pictures.map(({ width, height, grey }) => [width, height, grey.length, grey.at(-1)]),
        [
          [4, 3, 12, 10],
          [1, 1, 1, 200],
          [7, 2, 14, 32],
        ],
      )
    }),
  )
})

test('comments in the header are skipped', () => {
  const [picture] = parse([Buffer.from('P5\n# a camera\n2 1 # two by one\n255\nab')])
  assert.deepEqual([picture?.width, picture?.height, picture?.grey[1]], [2, 1, 98])
})

test('what is not PGM is refused by name, before memory is set aside', () => {
  for (const [bytes, why] of [
    ['P6\n1 1\n255\nabc', /begins with "P6"/],
    ['P5\n0 5\n255\n', /width of 0/],
    ['P5\n20000 20000\n255\n', /width of 20000/],
    ['P5\n10 -4\n255\n', /height of -4/],
    ['P5\n1 1\n65535\nab', /largest grey value is 65535/],
    ['\xff\xd8\xff\xe0 \x00\x10JFIF', /begins with/],
    ['x'.repeat(20), /too long/],
    [`P5 #${'x'.repeat(600)}`, /does not end/],
  ] as const) {
    assert.throws(
      () => parse([Buffer.from(bytes, 'latin1')]),
      (error: unknown) => error instanceof MalformedPgm && why.test(error.message),
      bytes.slice(0, 20),
    )
  }
})

test('random bytes never do more than throw its named error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
      try {
        parse(chunks)
      } catch (error) {
        assert.ok(error instanceof MalformedPgm)
      }
    }),
  )
})
