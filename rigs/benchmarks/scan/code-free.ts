import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import bwip from 'bwip-js'
import { FONT_FAMILY } from '../../../reference/pictures/chinese-font.js'
import { emptyScene, sceneWithDevice } from '../../simulated/rendered-camera/scene.js'
import { createSensor } from '../../simulated/rendered-camera/sensor.js'
import { seededRandom } from '../../simulated/seeded-random.js'
import { FRAME_SIZES, type ScanSample } from './scan-set.js'

const SIDE = 480
type Paint = (context: SKRSContext2D, random: () => number) => void

/** What looks a little like a code and is none: a scanner that reads something in it would open for a ghost. */
const PICTURES: Readonly<Record<string, Paint>> = {
  'random modules': (context, random) => {
    const cell = 8 + Math.floor(random() * 12)
    for (let y = 0; y < SIDE; y += cell) {
      for (let x = 0; x < SIDE; x += cell) if (random() < 0.5) context.fillRect(x, y, cell, cell)
    }
  },
  'finder patterns with nothing between': (context) => {
    for (const [x, y] of [
      [40, 40],
      [320, 40],
      [40, 320],
    ] as const) {
      context.fillRect(x, y, 112, 112)
      context.clearRect(x + 16, y + 16, 80, 80)
      context.fillRect(x + 32, y + 32, 48, 48)
    }
  },
  'random bars': (context, random) => {
    for (let x = 20; x < SIDE - 20;) {
      const bar = 3 * (1 + Math.floor(random() * 4))
      context.fillRect(x, 60, bar, 360)
      x += bar + 3 * (1 + Math.floor(random() * 4))
    }
  },
  'even stripes': (context, random) => {
    const pitch = 8 + Math.floor(random() * 30)
    for (let x = 0; x < SIDE; x += 2 * pitch) context.fillRect(x, 0, pitch, SIDE)
  },
  tiles: (context, random) => {
    const cell = 20 + Math.floor(random() * 40)
    for (let y = 0; y < SIDE; y += cell) {
      for (let x = (y / cell) % 2 ? cell : 0; x < SIDE; x += 2 * cell) context.fillRect(x, y, cell, cell)
    }
  },
  text: (context, random) => {
    context.font = `22px "${FONT_FAMILY}"`
    for (let y = 30; y < SIDE; y += 30) {
      const digits = Array.from({ length: 18 }, () => Math.floor(random() * 10)).join('')
      context.fillText(`车位 B-17 ${digits}`, 12, y)
    }
  },
  'half a QR code': (context, random) => {
    const cell = 16
    for (let y = 0; y < SIDE; y += cell) {
      for (let x = 0; x < SIDE / 2; x += cell) if (random() < 0.5) context.fillRect(x, y, cell, cell)
    }
    context.fillRect(32, 32, 112, 112)
    context.clearRect(48, 48, 80, 80)
    context.fillRect(64, 64, 48, 48)
  },
}

/** Codes of other symbologies: whoever asks for QR and Code 128 must not get these. */
const OTHER_SYMBOLOGIES = [
  ['ean13', '4006381333931'],
  ['datamatrix', 'parking bay B-17'],
  ['azteccode', 'parking bay B-17'],
  ['pdf417', 'parking bay B-17'],
  ['code39', 'BAY-17'],
  ['interleaved2of5', '12345678901231'],
] as const

async function pictureOf(index: number, random: () => number): Promise<{ name: string; png: Buffer }> {
  const names = Object.keys(PICTURES)
  const name = names[index % (names.length + 2)]
  if (name === undefined) {
    const [bcid, text] =
      OTHER_SYMBOLOGIES[Math.floor(random() * OTHER_SYMBOLOGIES.length)] ?? OTHER_SYMBOLOGIES[0]
    const png = await bwip.toBuffer({ bcid, text, scale: 6, padding: 10, backgroundcolor: 'FFFFFF' })
    return { name: `other symbology (${bcid})`, png }
  }
  const canvas = createCanvas(SIDE, SIDE)
  const context = canvas.getContext('2d')
  const drawn = createCanvas(SIDE, SIDE)
  PICTURES[name]?.(drawn.getContext('2d'), random)
  context.fillStyle = '#fff'
  context.fillRect(0, 0, SIDE, SIDE)
  context.drawImage(drawn, 0, 0)
  return { name, png: canvas.toBuffer('image/png') }
}

/** 208 frames without a code of ours: an empty bay with its noise, and look-alikes on a phone's screen. */
export async function* codeFreeSamples(seed = 1, frames = 208): AsyncGenerator<ScanSample> {
  for (let i = 0; i < frames; i++) {
    const random = seededRandom(seed * 7_919 + i)
    const size = FRAME_SIZES[i % 2] ?? { width: 640, height: 480 }
    const noise = i % 5 === 4 ? 30 : 4
    let name = 'empty bay'
    let scene = emptyScene(size)
    if (i % 10 !== 9) {
      const picture = await pictureOf(i >> 1, random)
      name = picture.name
      scene = await sceneWithDevice(size, picture.png, 'phone', {
        rotationDegrees: 360 * random(),
        timesFarther: 1 + 0.6 * random(),
        blur: i % 3,
        seed: i,
      })
    }
    const grey = createSensor(size, i, noise)(scene)
    yield { frame: { ...size, grey, capturedAt: 0 }, degradation: name, level: 1 }
  }
}
