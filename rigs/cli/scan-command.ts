import { readFileSync, writeFileSync } from 'node:fs'
import type { Frame } from '../../reference/ports/camera.js'
import type { Decode, Decoder } from '../../reference/ports/decoder.js'
import { annotatedFrame } from '../../reference/pictures/annotated-frame.js'
import { calibrate, CALIBRATION_FRAMES, parseCalibration } from '../../reference/scanner/calibrate.js'
import type { HealthOptions } from '../../reference/scanner/camera-health.js'
import { confirmBarcodes } from '../../reference/scanner/confirm-barcodes.js'
import { startScanLoop } from '../../reference/scanner/scan-loop.js'
import { TARGET_CARD_TEXT, targetCardSvg } from '../../reference/scanner/target-card.js'
import { watchCamera } from '../../reference/scanner/watch-camera.js'
import { openAnyCamera, type OpenedCamera } from '../bench/camera/open-any-camera.js'
import { collectFrames, firstTextIn } from '../bench/camera/see-card.js'
import { DECODER_NAMES, openDecoder, type DecoderName } from '../drivers/decoders/open-decoder.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'
import { decodeEvent, healthEvent, scanLine, type ScanEvent } from './scan-lines.js'

export interface ScanFlags {
  readonly camera?: string
  readonly decoder: string
  readonly json?: true
  readonly view?: string
  readonly for?: string
  readonly calibration?: string
  readonly calibrate?: string
  readonly targetCard?: string
}

const now = () => performance.timeOrigin + performance.now()

/** A decoder that tells how long it took for the last frame. */
function timed(decoder: Decoder) {
  const time = { lastMs: 0 }
  return {
    time,
    decoder: {
      decode: async (frame: Frame) => {
        const begun = performance.now()
        try {
          return await decoder.decode(frame)
        } finally {
          time.lastMs = performance.now() - begun
        }
      },
      close: () => decoder.close(),
    } satisfies Decoder,
  }
}

/** Resolves when the recording is over, the time is up, or the user has seen enough. */
function untilDone(
  { camera }: OpenedCamera,
  seconds: number | undefined,
): { done: Promise<void>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let resolve: () => void = () => undefined
  const done = new Promise<void>((settle) => (resolve = settle))
  // Whoever read our lines has seen enough (`| head`).
  process.stdout.once('error', resolve)
  process.once('SIGINT', resolve)
  process.once('SIGTERM', resolve)
  if (seconds !== undefined) timer = setTimeout(resolve, seconds * 1_000)
  void camera.ended?.then(resolve)
  return {
    done,
    stop: () => {
      clearTimeout(timer)
      process.off('SIGINT', resolve)
      process.off('SIGTERM', resolve)
    },
  }
}

/**
 * `lockstep scan`: looks through a camera and tells what it reads and how the camera is; or writes the target card; or
 * calibrates a camera with it.
 * @throws UsageError, InvalidCameraUrl, CameraUnavailable, DecoderFailed, CalibrationRefused
 */
export async function scan(flags: ScanFlags): Promise<number> {
  if (flags.targetCard !== undefined) {
    writeFileSync(flags.targetCard, targetCardSvg())
    console.error(`the target card is ${flags.targetCard}: show it full-screen, or print it at 100 %`)
    if (flags.camera === undefined) return EXIT.passed
  }
  if (flags.camera === undefined) throw new UsageError('scan needs --camera URL (or --target-card FILE)')
  const name = DECODER_NAMES.find((one) => one === flags.decoder)
  if (!name) throw new UsageError(`there is no decoder ${flags.decoder}; known: ${DECODER_NAMES.join(', ')}`)
  const seconds = flags.for === undefined ? undefined : Number(flags.for)
  if (seconds !== undefined && !(seconds > 0))
    throw new UsageError(`--for is ${flags.for}, not a number of seconds`)
  const calibration =
    flags.calibration === undefined ? undefined : parseCalibration(readFileSync(flags.calibration, 'utf8'))
  const opened = await openAnyCamera(flags.camera)
  try {
    if (flags.calibrate !== undefined) return await writeCalibration(opened, name, flags.calibrate)
    const health = {
      ...(calibration && { size: calibration.size, thresholds: calibration.thresholds }),
      ...opened.health,
    }
    return await look(opened, health, name, seconds, flags)
  } finally {
    await opened.camera.close()
  }
}

async function look(
  opened: OpenedCamera,
  health: HealthOptions,
  name: DecoderName,
  seconds: number | undefined,
  { json, view }: ScanFlags,
): Promise<number> {
  const { camera } = opened
  const tell = (event: ScanEvent) => console.log(json ? JSON.stringify(event) : scanLine(event))
  const { decoder, time } = timed(await openDecoder(name))
  const until = untilDone(opened, seconds)
  let seen:
    { readonly frame: Frame; readonly decodes: readonly Decode[]; readonly event?: ScanEvent } | undefined
  let [looks, decodes] = [0, 0]
  let faults: readonly string[] = []
  const stopWatching = watchCamera(camera, health, (change) => {
    // The end of a recording is no fault of it.
    if (change.reason?.endsWith('has ended')) return
    faults = change.faults
    tell(healthEvent(change))
  })
  const loop = startScanLoop({
    camera,
    decoder: confirmBarcodes(decoder),
    onLook: (frame, read) => {
      looks++
      decodes += read.length
      const events = read.map((decode) => decodeEvent(decode, now() - frame.capturedAt, time.lastMs))
      events.forEach(tell)
      if (events[0]) seen = { frame, decodes: read, event: events[0] }
      else if (!seen?.event) seen = { frame, decodes: read }
    },
    onCameraLost: () => undefined,
    onDecoderFault: (fault) =>
      tell({ event: 'decoder-fault', error: fault instanceof Error ? fault.message : String(fault) }),
  })
  await until.done
  until.stop()
  await loop.settled()
  stopWatching()
  await loop.close()
  await decoder.close()
  tell({
    event: 'end',
    looks,
    decodes,
    droppedFrames: loop.droppedFrames,
    droppedBuffers: camera.droppedBuffers ?? 0,
  })
  if (view !== undefined && seen) {
    const read = seen.event ? scanLine(seen.event) : 'nothing is read'
    const lines = [...read.split(/ {2}(?=age)/), `camera: ${faults.join(', ') || 'no fault'}`]
    writeFileSync(view, await annotatedFrame(seen.frame, seen.decodes, lines))
  }
  return EXIT.passed
}

const CALIBRATION_MS = 20_000

/** Looks at the target card, and writes down what a good frame of this camera is like. */
async function writeCalibration({ camera }: OpenedCamera, name: DecoderName, file: string): Promise<number> {
  const frames = await collectFrames(camera, CALIBRATION_FRAMES, CALIBRATION_MS)
  const decoder = await openDecoder(name)
  const text = await firstTextIn(frames, decoder).finally(() => decoder.close())
  const calibration = calibrate(frames, text, TARGET_CARD_TEXT)
  writeFileSync(file, `${JSON.stringify(calibration, undefined, 2)}\n`)
  console.log(JSON.stringify({ event: 'calibrated', file, ...calibration }))
  return EXIT.passed
}
