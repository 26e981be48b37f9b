import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Symbology } from '../domain/unlock-code.js'
import type { Decode } from '../ports/decoder.js'
import { confirmBarcodes } from './confirm-barcodes.js'

/** What comes out when frames at these times show these texts. */
async function confirmed(symbology: Symbology, looks: readonly (readonly [number, string?])[]) {
  const texts = looks.map(([, text]) => text)
  const decoder = confirmBarcodes({
    decode: async () => {
      const text = texts.shift()
      return text === undefined ? [] : [{ text, symbology, corners: [], by: 'test' }]
    },
    close: async () => undefined,
  })
  const out: (string | undefined)[] = []
  for (const [capturedAt] of looks) {
    out.push((await decoder.decode({ width: 1, height: 1, grey: new Uint8Array(1), capturedAt }))[0]?.text)
  }
  return out
}

test('a QR code counts at once', async () => {
  assert.deepEqual(await confirmed('qr', [[1, 'a']]), ['a'])
})

test('a barcode counts from its second agreeing frame on, with an unreadable one between', async () => {
  const looks = [[1, 'a'], [2], [3, 'a'], [4, 'a']] as const
  assert.deepEqual(await confirmed('code128', looks), [undefined, undefined, 'a', 'a'])
})

test('a misread between two readings breaks the agreement', async () => {
  const looks = [
    [1, 'a'],
    [2, 'b'],
    [3, 'a'],
    [4, 'a'],
  ] as const
  assert.deepEqual(await confirmed('code128', looks), [undefined, undefined, undefined, 'a'])
})

test('neither the same frame twice nor one of long ago agrees', async () => {
  assert.deepEqual(
    await confirmed('code128', [
      [5, 'a'],
      [5, 'a'],
    ]),
    [undefined, undefined],
  )
  assert.deepEqual(
    await confirmed('code128', [
      [5, 'a'],
      [2_006, 'a'],
    ]),
    [undefined, undefined],
  )
})

test('two barcodes that are read in turns confirm each other’s absence nowhere: each has its place', async () => {
  const at = (x: number) => [0, 90].flatMap((dx) => [10, 40].map((y) => ({ x: x + dx, y })))
  const frames: Decode[] = [0, 1, 0, 1].map((nth) => ({
    text: 'ab'.charAt(nth),
    symbology: 'code128',
    corners: at(nth * 200),
    by: 'test',
  }))
  const decoder = confirmBarcodes({
    decode: async ({ capturedAt }) => frames.slice(capturedAt, capturedAt + 1),
    close: async () => undefined,
  })
  const out: string[] = []
  for (const capturedAt of frames.keys()) {
    const read = await decoder.decode({ width: 1, height: 1, grey: new Uint8Array(1), capturedAt })
    out.push(read.map(({ text }) => text).join())
  }
  assert.deepEqual(out, ['', '', 'a', 'b'])
})
