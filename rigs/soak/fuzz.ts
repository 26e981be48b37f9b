import { performance } from 'node:perf_hooks'
import { seededRandom } from '../simulated/seeded-random.js'
import { Draws } from './draws.js'

/** A parser or a driver's end that anything may be thrown at. */
export interface FuzzTarget<Input> {
  readonly name: string
  /** Makes an input: sound ones, mutated ones, and noise, in a mix that reaches deep. */
  make(draws: Draws): Input
  /** Takes the input; returns when it was accepted, throws or rejects when not. */
  take(input: Input): void | Promise<void>
  /** The errors by which the target may refuse; any other one is a defect. */
  readonly rejections: readonly (abstract new (...args: never[]) => Error)[]
  /** What to print of an input that broke the target. */
  show(input: Input): string
}

export interface FuzzFigures {
  readonly target: string
  readonly seed: number
  readonly inputs: number
  readonly accepted: number
  /** Refusals by the name of the error. */
  readonly refused: Readonly<Record<string, number>>
  readonly slowestMs: number
}

/** An input crashed its target, was refused without a name, or held it up. */
export class FuzzDefect extends Error {
  override readonly name = 'FuzzDefect'
}

/** Longer than any sound input may take; the machine may be busy. */
const HANG_MS = 5_000
/** Turns of the event loop are given between inputs that are taken synchronously, so that timers run. */
const TURN_EVERY = 1_000

/**
 * Throws `count` inputs at a target. The same seed gives the same inputs.
 * @param onProgress called now and then with the number of inputs so far
 * @throws FuzzDefect with the seed, the number and the input
 */
export async function fuzz<Input>(
  target: FuzzTarget<Input>,
  { count, seed }: { readonly count: number; readonly seed: number },
  onProgress: (inputs: number) => void = () => undefined,
): Promise<FuzzFigures> {
  const draws = new Draws(seededRandom(seed))
  const refused: Record<string, number> = {}
  let accepted = 0
  let slowestMs = 0
  for (let n = 0; n < count; n++) {
    const input = target.make(draws)
    const startedAt = performance.now()
    const defect = (problem: string, cause?: unknown) =>
      new FuzzDefect(`${target.name}, seed ${seed}, input ${n}: ${problem}: ${target.show(input)}`, { cause })
    try {
      await target.take(input)
      accepted++
    } catch (error) {
      if (!target.rejections.some((rejection) => error instanceof rejection)) {
        throw defect(`threw ${String(error)}`, error)
      }
      const { name } = error as Error
      refused[name] = (refused[name] ?? 0) + 1
    }
    const tookMs = performance.now() - startedAt
    if (tookMs > HANG_MS) throw defect(`took ${Math.round(tookMs)} ms`)
    slowestMs = Math.max(slowestMs, tookMs)
    if (n % TURN_EVERY === 0) {
      onProgress(n)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { target: target.name, seed, inputs: count, accepted, refused, slowestMs }
}
