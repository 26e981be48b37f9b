import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { HealthOptions } from '../../../reference/scanner/camera-health.js'
import { watchCamera } from '../../../reference/scanner/watch-camera.js'
import { CameraUnavailable } from './camera-errors.js'
import { startFfmpegServer, type Coding } from './fixtures/ffmpeg-server.js'
import { openCamera } from './open-camera.js'
import { openFfmpegCamera } from './ffmpeg-camera.js'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-ffmpeg-'))
after(() => rmSync(folder, { recursive: true }))

/** Something with edges, light and dark, and a sensor's noise. */
const SCENE = 'smptebars=size=640x480:rate=15'
const NOISE = 'noise=alls=8:allf=t'
const DEADLINE_MS = 30_000

/** Every set of faults that a stream's watch tells, until one is as wanted or so many frames have come. */
async function told(
  source: string,
  coding: Coding,
  { until, frames = Infinity, ...options }: HealthOptions & { until?: string; frames?: number },
  meddle: (server: Awaited<ReturnType<typeof startFfmpegServer>>) => void = () => undefined,
): Promise<string[]> {
  const server = await startFfmpegServer(source, coding)
  const all: string[] = []
  try {
    const camera = await openCamera({ kind: 'http', url: server.url })
    try {
      await new Promise<void>((resolve, reject) => {
        const end = () => (clearTimeout(limit), stop())
        const done = () => (end(), resolve())
        const limit = setTimeout(() => {
          end()
          reject(new Error(`told ${JSON.stringify(all)}, not ${until}`))
        }, DEADLINE_MS)
        const frozenFrames = camera.isInterFrameCoded ? 300 : 5
        const stop = watchCamera(camera, { frozenFrames, ...options }, ({ faults }) => {
          all.push(faults.join())
          if (faults.join() === until) done()
        })
        let seen = 0
        camera.onFrame(() => {
          if (++seen === 10) meddle(server)
          if (seen >= frames) done()
        })
      })
    } finally {
      await camera.close()
    }
  } finally {
    await server.close()
  }
  return all
}

for (const coding of ['mjpeg', 'h264'] as const) {
  test(`a static live scene in ${coding} raises no fault in a hundred frames`, async () => {
    assert.deepEqual(
      await told(`${SCENE},${NOISE}`, coding, { frames: 100, size: { width: 640, height: 480 } }),
      [],
    )
  })
}

const FAULTY: readonly (readonly [string, string, HealthOptions?])[] = [
  ['black', `color=black:size=640x480:rate=15,${NOISE}`],
  ['covered', 'color=0x141414:size=640x480:rate=15,noise=alls=4:allf=t'],
  ['over-exposed', `${SCENE},lutyuv=y='clip(val*3+120,0,255)':u=128:v=128,${NOISE}`],
  ['low-light', `${SCENE},lutyuv=y='16+(val-16)*0.12':u=128:v=128,noise=alls=3:allf=t`],
  ['fogged', `${SCENE},gblur=sigma=4,lutyuv=y='120+val*0.12':u=128:v=128,${NOISE}`],
  ['defocused', `${SCENE},gblur=sigma=14:steps=3,${NOISE}`],
  ['frozen', SCENE],
  ['wrong-resolution', `${SCENE},${NOISE}`, { size: { width: 1280, height: 720 } }],
  ['dropping', `${SCENE},${NOISE},select='mod(n,4)'`, { fps: 15 }],
]
for (const [fault, source, options] of FAULTY) {
  test(`a stream that is ${fault} is told so`, async () => {
    // The first that is told is the right one: no other name on the way.
    const all = await told(source, 'mjpeg', { until: fault, ...options })
    assert.deepEqual(all, [fault])
  })
}

test('a stream that stalls is told so', async () => {
  const all = await told(`${SCENE},${NOISE}`, 'mjpeg', { until: 'stalled' }, (server) => server.stall())
  assert.deepEqual(all, ['stalled'])
})

test('a video is played to its end, at its own rate or another, and random bytes are refused by name', async () => {
  const video = join(folder, 'clip.mp4')
  const made = [
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc=size=320x240:rate=20',
    '-frames:v',
    '30',
    video,
  ]
  execFileSync('ffmpeg', made)
  const camera = await openCamera({ kind: 'file', path: video, fps: 60 })
  const sizes = new Set<string>()
  let frames = 0
  camera.onFrame(({ width, height }) => (frames++, sizes.add(`${width}x${height}`)))
  await camera.ended
  await camera.close()
  assert.deepEqual([frames, ...sizes], [30, '320x240'])

  const noise = join(folder, 'noise.mp4')
  writeFileSync(noise, randomBytes(100_000))
  await assert.rejects(
    openCamera({ kind: 'file', path: noise }),
    (error: unknown) =>
      error instanceof CameraUnavailable && /no video that ffmpeg knows/.test(error.message),
  )
})

test('pictures beyond every bound are refused before they take memory', async () => {
  const huge = ['-f', 'lavfi', '-i', 'color=size=16000x4000:rate=1']
  await assert.rejects(
    openFfmpegCamera({ name: 'huge', args: huge, firstFrameMs: 20_000 }),
    (error: unknown) =>
      error instanceof CameraUnavailable && /more pixels than 4096 × 4096/.test(error.message),
  )
})

test('the kernel’s frame times make gaps countable', async () => {
  // Every fifth frame is missing, as from a driver that drops buffers.
  const args = ['-re', '-f', 'lavfi', '-i', "testsrc=size=160x120:rate=50,select='mod(n,5)'"]
  const camera = await openFfmpegCamera({ name: 'gaps', args, fps: 50, kernelTimes: true })
  let frames = 0
  await new Promise<void>((resolve) => camera.onFrame(() => ++frames >= 80 && resolve()))
  const dropped = camera.droppedBuffers ?? 0
  await camera.close()
  assert.ok(dropped >= 15 && dropped <= 25, `${dropped}`)
})

test('ffmpeg ends with us, even when we are killed', async () => {
  const owner = spawn(process.execPath, [new URL('./fixtures/ffmpeg-owner.js', import.meta.url).pathname])
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const pid = Number(String(line).trim())
  assert.ok(existsSync(`/proc/${pid}/stat`))
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const deadline = performance.now() + 5_000
  while (existsSync(`/proc/${pid}/stat`)) {
    assert.ok(performance.now() < deadline, 'ffmpeg lives on')
    await new Promise((resolve) => setImmediate(resolve))
  }
})
