import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MalformedCameraStream } from './camera-errors.js'
import { part } from './fixtures/mjpeg-server.js'
import { boundaryOf, MjpegParser } from './mjpeg-parser.js'

function parse(chunks: readonly Uint8Array[]): string[] {
  const pictures: string[] = []
  const parser = new MjpegParser('--frame', (bytes) => pictures.push(bytes.toString('latin1')))
  for (const chunk of chunks) parser.push(Buffer.from(chunk))
  return pictures
}

test('parts come out whole however the bytes are chopped, with and without a length', () => {
  const unsized = Buffer.from('--frame\r\nContent-Type: image/jpeg\r\n\r\nno length here\r\n')
  const stream = Buffer.concat([
    part(Buffer.from('one')),
    unsized,
    part(Buffer.from('three --frame')),
    part(Buffer.from('4')),
  ])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), stream.length]
      const pictures = parse(edges.slice(1).map((end, i) => stream.subarray(edges[i], end)))
      assert.deepEqual(pictures, ['one', 'no length here', 'three --frame', '4'])
    }),
  )
})

test('random bytes never do more than throw its named error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 6_000 }), { maxLength: 6 }), (chunks) => {
      try {
        parse(chunks)
      } catch (error) {
        assert.ok(error instanceof MalformedCameraStream)
      }
    }),
  )
})

test('the boundary is found quoted, plain, and with its dashes', () => {
  assert.equal(boundaryOf('multipart/x-mixed-replace; boundary=frame'), '--frame')
  assert.equal(boundaryOf('multipart/x-mixed-replace;boundary="a b"'), '--a b')
  assert.equal(boundaryOf('multipart/x-mixed-replace; boundary=--myboundary'), '--myboundary')
  assert.equal(boundaryOf('image/jpeg'), undefined)
})
