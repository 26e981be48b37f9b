import { cpus } from 'node:os'
import type { ScanSample } from './scan-set.js'
import { codeFreeSamples } from './code-free.js'
import { measureLatency, type LatencyFigures } from './measure-latency.js'
import { openReaders, ZBAR_LACKING, type Reader } from './readers.js'
import { codeSamples } from './scan-set.js'
import { Tally, type Attempt, type ReaderRow } from './tally.js'

export interface SetFigures {
  readonly frames: number
  /** Frames that at least one of the decoders alone, zbarimg among them, reads. */
  readonly readByAnyDecoder: number
  readonly rows: readonly ReaderRow[]
}

export interface ScanBenchmark {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  readonly seed: number
  readonly zbarimg: string
  readonly qr: SetFigures
  readonly code128: SetFigures
  /** Frames without a code: whatever is read there is false. */
  readonly codeFree: SetFigures
  readonly latency: LatencyFigures
}

/** Further apart than any region of interest is followed: every frame is a new one. */
const BETWEEN_FRAMES_MS = 60_000
const PROGRESS_FRAMES = 24
const ALONE = ['zxing', 'jsqr', 'wechat', 'zbarimg']

async function attempt(reader: Reader, { frame }: ScanSample): Promise<Attempt> {
  const processor = process.cpuUsage()
  const begun = performance.now()
  const text = await reader.read(frame)
  const wallMs = performance.now() - begun
  const { user, system } = process.cpuUsage(processor)
  return { text, wallMs, ...(reader.name !== 'zbarimg' && { processorMs: (user + system) / 1_000 }) }
}

async function measureSet(
  samples: AsyncIterable<ScanSample>,
  readers: readonly Reader[],
  progress: (what: string) => void,
): Promise<SetFigures> {
  const tally = new Tally(ALONE)
  for await (const sample of samples) {
    if (tally.frames % PROGRESS_FRAMES === 0)
      progress(
        `${sample.truth?.symbology ?? 'no code'}, ${tally.frames} frames so far: ${sample.degradation}`,
      )
    const frame = { ...sample.frame, capturedAt: (tally.frames + 1) * BETWEEN_FRAMES_MS }
    const attempts = new Map<string, Attempt>()
    for (const reader of readers) attempts.set(reader.name, await attempt(reader, { ...sample, frame }))
    tally.add(sample, attempts)
  }
  return { frames: tally.frames, readByAnyDecoder: tally.readByAny, rows: tally.rows() }
}

/**
 * Measures the scanner on a seeded set beside its decoders alone and zbarimg, in the same run; ten to fifteen minutes.
 * @param share of the frames with codes, 0…1
 * @param free how many frames without
 */
export async function benchmarkScan(
  progress: (what: string) => void,
  { seed = 1, share = 1, free = 208, latencyMs = 6_000 } = {},
): Promise<ScanBenchmark> {
  const readers = await openReaders()
  try {
    // The first frame pays for the compilation of each decoder; nobody scans only once.
    for await (const warm of codeSamples('qr', seed + 1, 0.006)) {
      for (const reader of readers) await reader.read(warm.frame)
    }
    const of = (symbology: 'qr' | 'code128') => readers.filter(({ reads }) => reads.includes(symbology))
    const qr = await measureSet(codeSamples('qr', seed, share), of('qr'), progress)
    const code128 = await measureSet(codeSamples('code128', seed, share), of('code128'), progress)
    const codeFree = await measureSet(codeFreeSamples(seed, free), readers, progress)
    progress('a decoder slowed to 200 ms at 30 frames a second')
    const latency = await measureLatency(latencyMs)
    return {
      machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
      seed,
      zbarimg: readers.some(({ name }) => name === 'zbarimg') ? 'in this run' : ZBAR_LACKING,
      qr,
      code128,
      codeFree,
      latency,
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()))
  }
}
