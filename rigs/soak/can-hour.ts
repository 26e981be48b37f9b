import { readdir } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CanFrame, ReceivedCanFrame } from '../../reference/ports/can-bus.js'
import { createMemoryCan, type MemoryCanNode } from '../simulated/memory-can/memory-can.js'
import { seededRandom } from '../simulated/seeded-random.js'

export interface CanHourSettings {
  /** 3,600 is the hour. */
  readonly simulatedSeconds: number
  readonly seed: number
}

export interface CanHourFigures {
  readonly frames: number
  readonly lost: number
  readonly simulatedSeconds: number
  readonly wallSeconds: number
  readonly loadPercent: number
  /** Bytes in use, each after a collection of garbage. */
  readonly heapSamples: readonly number[]
  /** Undefined where the system does not show them. */
  readonly fds: { readonly first: number; readonly last: number } | undefined
  /** Of the heap, from the first third of the samples to the last. */
  readonly heapGrowthBytes: number
  /** How "flat" was judged. */
  readonly judgement: string
}

export interface CanHourProgress {
  readonly simulatedSeconds: number
  readonly frames: number
  readonly heapBytes: number
}

/** A frame came wrong, twice, or not at all. */
export class CanHourWrong extends Error {
  override readonly name = 'CanHourWrong'
}

/** The heap or the number of open files grew with the frames. */
export class CanHourGrew extends Error {
  override readonly name = 'CanHourGrew'
  constructor(
    problem: string,
    readonly figures: CanHourFigures,
  ) {
    super(`${problem}; samples: ${figures.heapSamples.join(', ')}`)
  }
}

const BITRATE = 500_000
const SENDERS = 3
const SAMPLES = 60
/** The first samples are left out: code is compiled and caches fill. */
const WARM_UP = 6
const MOST_GROWTH_BYTES = 1_048_576

/** Each run of four makes a stuff bit once a run of five has begun them. */
const LONG_RUNS = [0xf8, 0x78, 0x87, 0x07]

/** What the senders send and the receivers expect: a sequence number, and bytes that are stuffed much. */
class Content {
  readonly #tails: readonly Uint8Array[]
  readonly #priorities: readonly number[]

  constructor(seed: number) {
    const random = seededRandom(seed)
    this.#tails = Array.from({ length: 64 }, () =>
      Uint8Array.from({ length: 5 }, (_, i) =>
        random() < 0.1 ? Math.floor(random() * 256) : (LONG_RUNS[i === 0 ? 0 : 1] as number),
      ),
    )
    this.#priorities = Array.from({ length: 256 }, () => Math.floor(random() * 0x100))
  }

  /** Priorities change from frame to frame, so that no sender starves. */
  frame(sender: number, sequence: number): CanFrame {
    const data = new Uint8Array(8)
    data[0] = sequence >> 16
    data[1] = sequence >> 8
    data[2] = sequence
    data.set(this.#tails[sequence & 63] as Uint8Array, 3)
    return { id: ((this.#priorities[sequence & 255] as number) << 3) | sender, extended: false, data }
  }

  requireSame(received: ReceivedCanFrame, sender: number, sequence: number): void {
    const { id, extended, data } = this.frame(sender, sequence)
    if (
      received.id === id &&
      received.extended === extended &&
      data.every((byte, i) => byte === received.data[i])
    ) {
      return
    }
    throw new CanHourWrong(
      `sender ${sender}: frame ${sequence} is ${id.toString(16)}#${Buffer.from(data).toString('hex')}, ` +
        `received ${received.id.toString(16)}#${Buffer.from(received.data).toString('hex')}`,
    )
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

const countFds = () =>
  readdir('/proc/self/fd').then(
    ({ length }) => length,
    () => undefined,
  )

/** Checks every frame that a node hears, by the sequence of each sender. */
function check(node: MemoryCanNode, content: Content, fail: (error: Error) => void): readonly number[] {
  const next = Array<number>(SENDERS).fill(0)
  node.onFrame((frame) => {
    const sender = frame.id & 7
    try {
      content.requireSame(frame, sender, next[sender] ?? -1)
    } catch (error) {
      fail(error as Error)
    }
    next[sender] = (next[sender] ?? 0) + 1
  })
  return next
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function growth(samples: readonly number[]): number {
  const settled = samples.slice(WARM_UP)
  const third = Math.floor(settled.length / 3)
  return median(settled.slice(-third)) - median(settled.slice(0, third))
}

/**
 * A 500 kbit/s bus at full load for a stretch of virtual time: three senders, two receivers that check every frame.
 * @param onProgress called at each of 60 samples
 * @throws CanHourWrong, CanHourGrew
 */
export async function runCanHour(
  { simulatedSeconds, seed }: CanHourSettings,
  onProgress: (progress: CanHourProgress) => void = () => undefined,
): Promise<CanHourFigures> {
  const startedAt = performance.now()
  const content = new Content(seed)
  const can = createMemoryCan({ bitrate: BITRATE, pace: 'virtual' })
  let failure: Error | undefined
  const fail = (error: Error) => (failure ??= error)
  const receivers = ['receiver 1', 'receiver 2'].map((name) => can.join(name))
  const received = receivers.map((node) => check(node, content, fail))
  const sent = Array<number>(SENDERS).fill(0)
  const endUs = simulatedSeconds * 1_000_000
  const send = async (node: MemoryCanNode, sender: number) => {
    for (let sequence = 0; can.nowUs < endUs && !failure; sequence++) {
      await node.send(content.frame(sender, sequence))
      sent[sender] = sequence + 1
    }
  }
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

  const firstFds = await countFds()
  const sending = sent.map((_, sender) => send(can.join(`sender ${sender}`), sender))
  const heapSamples: number[] = []
  for (let sample = 1; sample <= SAMPLES && !failure; sample++) {
    await can.waitUntil((endUs * sample) / SAMPLES)
    collectGarbage()
    heapSamples.push(process.memoryUsage().heapUsed)
    onProgress({
      simulatedSeconds: can.nowUs / 1_000_000,
      frames: sum(sent),
      heapBytes: heapSamples.at(-1) as number,
    })
  }
  await Promise.all(sending)
  const lastFds = await countFds()
  const loadPercent = can.load().totalPercent
  const lost = sum(receivers.map((node) => node.lost.frames))
  await can.close()
  if (failure) throw failure
  for (const counts of received) {
    if (counts.some((count, sender) => count !== sent[sender])) {
      throw new CanHourWrong(`sent ${sent.join(' + ')} frames, received ${counts.join(' + ')}`)
    }
  }

  const figures: CanHourFigures = {
    frames: sum(sent),
    lost,
    simulatedSeconds,
    wallSeconds: (performance.now() - startedAt) / 1_000,
    loadPercent,
    heapSamples,
    fds: firstFds === undefined || lastFds === undefined ? undefined : { first: firstFds, last: lastFds },
    heapGrowthBytes: growth(heapSamples),
    judgement:
      `heap after a collection of garbage, ${SAMPLES} samples less the first ${WARM_UP}: the median of the last ` +
      `third at most ${MOST_GROWTH_BYTES} bytes above that of the first; open files: not more at the end`,
  }
  if (figures.heapGrowthBytes > MOST_GROWTH_BYTES) {
    throw new CanHourGrew(`the heap grew by ${figures.heapGrowthBytes} bytes`, figures)
  }
  if (figures.fds && figures.fds.last > figures.fds.first) {
    throw new CanHourGrew(`open files grew from ${figures.fds.first} to ${figures.fds.last}`, figures)
  }
  return figures
}
