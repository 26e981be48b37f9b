import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import bwip from 'bwip-js'
import qrcode from 'qrcode'
import type { Frame } from '../../../reference/ports/camera.js'
import { DECODER_NAMES, openDecoder, type DecoderName } from './open-decoder.js'

const CODE = '112345678901234567890142'
const STICKER = 'https://example.com/follow'

const qr = (text: string | Buffer, scale: number) =>
  qrcode.toBuffer(typeof text === 'string' ? text : [{ data: text, mode: 'byte' }], { scale, margin: 4 })
const bars = (text: string, options = {}) =>
  bwip.toBuffer({
    bcid: 'code128',
    text,
    scale: 2,
    height: 16,
    padding: 10,
    backgroundcolor: 'FFFFFF',
    ...options,
  })

/** Pictures on a wall, each with its place. */
async function frameOf(...placed: readonly (readonly [Promise<Buffer>, number, number])[]): Promise<Frame> {
  const canvas = createCanvas(640, 480)
  const context = canvas.getContext('2d')
  context.fillStyle = '#555'
  context.fillRect(0, 0, 640, 480)
  for (const [png, x, y] of placed) context.drawImage(await loadImage(await png), x, y)
  const { data } = context.getImageData(0, 0, 640, 480)
  return {
    width: 640,
    height: 480,
    grey: data.filter((_, i) => i % 4 === 0) as unknown as Uint8Array,
    capturedAt: 0,
  }
}

async function opened(t: TestContext, name: DecoderName) {
  const decoder = await openDecoder(name, { frameBudgetMs: 10_000 })
  t.after(() => decoder.close())
  return decoder
}

test('every code in a frame is read at the first look, whatever its size and kind, with its corners', async (t) => {
  const decoder = await opened(t, 'pipeline')
  const scenes = [
    [
      [qr(STICKER, 7), 10, 100],
      [qr(CODE, 3), 420, 60],
    ],
    [
      [qr(STICKER, 4), 20, 300],
      [bars(CODE), 230, 40],
    ],
    [
      [qr(STICKER, 3), 10, 10],
      [qr(CODE, 3), 250, 170],
      [qr('another', 4), 450, 300],
    ],
  ] as const
  for (const scene of scenes) {
    const read = await decoder.decode(await frameOf(...scene))
    const texts = read.map(({ text }) => text)
    assert.equal(texts.length, scene.length, texts.join())
    assert.ok(texts.includes(CODE) && texts.includes(STICKER), texts.join())
    for (const { text, corners } of read) {
      const [, x, y] = text === STICKER ? scene[0] : text === CODE ? scene[1] : (scene[2] ?? scene[0])
      const nearest = Math.min(...corners.map((corner) => Math.hypot(corner.x - x, corner.y - y)))
      assert.ok(nearest < 60, `${text} is ${nearest} pixels from its place`)
    }
  }
})

test('a frame of one row or column, or of none, is no fault of any decoder', async (t) => {
  for (const name of DECODER_NAMES) {
    const decoder = await opened(t, name)
    for (const [width, height] of [
      [640, 1],
      [1, 480],
      [1, 1],
      [2, 2],
      [640, 3],
      [0, 0],
    ] as const) {
      const grey = new Uint8Array(width * height).map((_, i) => (i % 3 ? 255 : 0))
      assert.deepEqual(
        await decoder.decode({ width, height, grey, capturedAt: 0 }),
        [],
        `${name} ${width}x${height}`,
      )
    }
  }
})

test('what is read is the payload: control characters, GS1’s separators, GB 18030 and Latin without a declaration', async (t) => {
  const decoders = [await opened(t, 'zxing'), await opened(t, 'jsqr')]
  const gs1 = bars('(01)09501101530003(10)AB-123(17)251231', { bcid: 'gs1-128' })
  const control = bars('A^009B^029D', { parse: true })
  const cases: (readonly [Promise<Buffer>, string, boolean])[] = [
    [gs1, '010950110153000310AB-123\x1d17251231', false],
    [control, 'A\tB\x1dD', false],
    [qr(Buffer.from('A\tB\0\x1dD'), 6), 'A\tB\0\x1dD', true],
    [qr(Buffer.from([0xc4, 0xe3, 0xba, 0xc3, 0xb3, 0xb5, 0xce, 0xbb]), 6), '你好车位', true],
    [qr('车位 B-17', 6), '车位 B-17', true],
    [qr(Buffer.from('café Müller', 'latin1'), 6), 'café Müller', true],
  ]
  for (const [picture, text, isQr] of cases) {
    const frame = await frameOf([picture, 20, 20])
    for (const decoder of isQr ? decoders : decoders.slice(0, 1))
      assert.deepEqual(
        (await decoder.decode(frame)).map((decode) => decode.text),
        [text],
      )
  }
})
