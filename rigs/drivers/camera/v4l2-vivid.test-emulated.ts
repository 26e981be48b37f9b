import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { create } from 'qrcode'
import type { Camera } from '../../../reference/ports/camera.js'
import { startScanLoop } from '../../../reference/scanner/scan-loop.js'
import { openDecoder } from '../decoders/open-decoder.js'
import { parseCameraUrl } from './camera-url.js'
import { openCamera } from './open-camera.js'

/** vivid's camera, and its output, whose picture the camera sees through vivid's loop. */
const CAMERA = '/dev/video0'
const OUTPUT = '/dev/video1'
const SIZE = { width: 640, height: 480 }
const MODULE_PIXELS = 12
/** What QEMU without virtualisation takes for a second of work, at its worst. */
const TIME_SCALE = 12
const DEADLINE_MS = 150_000
const WATCHED_FRAMES = 20
const [FIRST, SECOND] = ['112345678901234567890142', '112345678901234567890239'] as const

const v4l2 = (...args: string[]) => execFileSync('v4l2-ctl', args, { encoding: 'utf8' })

/** A frame in YUYV with a QR code of version 2-H in its middle. */
function yuyvFrame(text: string): Buffer {
  const { modules } = create(text, { version: 2, errorCorrectionLevel: 'H' })
  const frame = Buffer.alloc(SIZE.width * SIZE.height * 2, 128)
  const side = modules.size * MODULE_PIXELS
  const [left, top] = [(SIZE.width - side) / 2, (SIZE.height - side) / 2]
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      const [row, column] = [Math.floor((y - top) / MODULE_PIXELS), Math.floor((x - left) / MODULE_PIXELS)]
      const inside = row >= 0 && column >= 0 && row < modules.size && column < modules.size
      frame[2 * (y * SIZE.width + x)] = inside && modules.get(row, column) ? 20 : 230
    }
  }
  return frame
}

/**
 * Both ends of vivid's HDMI cable at 640 × 480. The kernel of Debian 12 passes pictures on only while both ends have
 * the same timings, size and pixel format, and does not tell the camera the timings of the other end: it is noise then.
 */
function plugCable(): void {
  const timings = /^\s*Index: (\d+)[^]*?Active width: 640[^]*?Active height: 480/m.exec(
    v4l2('-d', OUTPUT, '-o', '1', '--list-dv-timings'),
  )
  assert.ok(timings?.[1], 'vivid has no timings of 640 × 480')
  v4l2('-d', CAMERA, '-i', '3', '-c', 'loop_video=1,osd_text_mode=2')
  v4l2('-d', CAMERA, '--set-dv-bt-timings', `index=${timings[1]}`)
  v4l2('-d', OUTPUT, '-o', '1', '--set-dv-bt-timings', `index=${timings[1]}`)
  v4l2('-d', OUTPUT, '--set-fmt-video-out', `width=${SIZE.width},height=${SIZE.height},pixelformat=YUYV`)
}

async function withinDeadline<T>(what: string, awaited: Promise<T>): Promise<T> {
  let limit: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`${what} did not happen in ${DEADLINE_MS} ms`)), DEADLINE_MS)
  })
  return Promise.race([awaited, late]).finally(() => clearTimeout(limit))
}

/** Buffers that the driver counts as dropped while so many frames arrive. */
async function missingAmong(camera: Camera, frames: number): Promise<number> {
  const before = camera.droppedBuffers ?? 0
  let seen = 0
  const all = new Promise<void>((resolve) => {
    const stop = camera.onFrame(() => {
      if (++seen < frames) return
      stop()
      resolve()
    })
  })
  await withinDeadline(`${frames} frames`, all)
  return (camera.droppedBuffers ?? 0) - before
}

async function open(url: string): Promise<Camera> {
  const parsed = parseCameraUrl(url)
  assert.equal(parsed.kind, 'v4l2')
  return openCamera(parsed, { timeScale: TIME_SCALE })
}

test('buffers that the kernel’s camera drops are counted', async () => {
  v4l2('-d', CAMERA, '-i', '0', '-c', 'percentage_of_dropped_buffers=0')
  // So few that an emulated processor gets them all, once it has got going.
  const camera = await open(`v4l2:${CAMERA}?size=320x180&fps=10`)
  try {
    await missingAmong(camera, WATCHED_FRAMES)
    const before = await missingAmong(camera, WATCHED_FRAMES)
    v4l2('-d', CAMERA, '-c', 'percentage_of_dropped_buffers=75')
    const under = await missingAmong(camera, WATCHED_FRAMES)
    assert.ok(
      before <= 0.5 * WATCHED_FRAMES,
      `${before} counted as missing, of which the kernel knows nothing`,
    )
    // Three of four are dropped, by chance: three between two that come.
    assert.ok(under >= 1.5 * WATCHED_FRAMES, `${under} counted as missing between ${WATCHED_FRAMES} frames`)
    assert.ok(under <= 6 * WATCHED_FRAMES, `${under} counted as missing between ${WATCHED_FRAMES} frames`)
  } finally {
    v4l2('-d', CAMERA, '-c', 'percentage_of_dropped_buffers=0')
    await camera.close()
  }
})

test('a kernel’s camera: the code written to its output is read, and an unplugged one comes back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-vivid-'))
  let writer: ChildProcess | undefined
  async function write(text: string): Promise<void> {
    const file = join(folder, `${text}.yuv`)
    writeFileSync(file, yuyvFrame(text))
    writer = spawn('v4l2-ctl', ['-d', OUTPUT, '--stream-out-mmap', '--stream-from', file, '--stream-loop'], {
      stdio: 'ignore',
    })
    await once(writer, 'spawn')
  }
  async function stopWriting(): Promise<void> {
    if (!writer) return
    const gone = once(writer, 'exit')
    writer.kill('SIGKILL')
    await gone
  }
  plugCable()
  await write(FIRST)
  const camera = await open(`v4l2:${CAMERA}?size=${SIZE.width}x${SIZE.height}&format=yuyv422`)
  const decoder = await openDecoder('zxing', { budgetMs: 5_000 * TIME_SCALE })
  const read: string[] = []
  const waiting = new Map<string, () => void>()
  const isRead = (text: string) =>
    withinDeadline(`reading ${text.slice(-4)}`, new Promise<void>((resolve) => waiting.set(text, resolve)))
  const loop = startScanLoop({
    camera,
    decoder,
    onLook: (_, [decode]) => {
      if (!decode) return
      read.push(decode.text)
      waiting.get(decode.text)?.()
    },
    onCameraLost: () => undefined,
    onDecoderFault: () => undefined,
  })
  try {
    await isRead(FIRST)

    const lost = withinDeadline(
      'the loss being told',
      new Promise<string>((resolve) => camera.onLost(resolve)),
    )
    v4l2('-d', CAMERA, '-c', 'disconnect=1')
    await stopWriting()
    assert.notEqual(await lost, '')
    plugCable()
    await write(SECOND)
    await isRead(SECOND)
    assert.deepEqual(
      read.slice(read.indexOf(SECOND)).filter((text) => text === FIRST),
      [],
    )
  } finally {
    await loop.close()
    await camera.close()
    await decoder.close()
    await stopWriting()
    rmSync(folder, { recursive: true, force: true })
  }
})
