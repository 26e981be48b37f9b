import { openCanBus } from '../bench/can/open-can-bus.js'
import type { CanBus, CanOpenOptions } from '../../reference/ports/can-bus.js'

/** What a `can` command has to do with the world; tests give their own. */
export interface CanIo {
  /** Appends to the standard output. */
  out(text: string): void
  /** One line for people. */
  tell(line: string): void
  /** Aborts when the command is to end: SIGINT, SIGTERM, or nobody reads the output any more. */
  readonly stop: AbortSignal
  readonly input: AsyncIterable<string | Uint8Array>
  openBus(url: string, options?: CanOpenOptions): Promise<CanBus>
}

/** The process's own. */
export function processIo(): CanIo {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) endOn(signal, stop)
  process.stdout.on('error', () => stop.abort())
  return {
    out: (text) => {
      if (!stop.signal.aborted) process.stdout.write(text)
    },
    tell: (line) => console.error(`lockstep: ${line}`),
    stop: stop.signal,
    input: inputUntil(stop.signal),
    openBus: openCanBus,
  }
}

/** What forwards a signal to its child and to their group, as timeout and npx do, sends it twice at once. */
const SAME_SIGNAL_MS = 500

/** The first one ends in order; one that comes later ends at once, as it does by itself. */
function endOn(signal: 'SIGINT' | 'SIGTERM', stop: AbortController): void {
  const abort = () => {
    if (stop.signal.aborted) return
    stop.abort()
    setTimeout(() => process.off(signal, abort), SAME_SIGNAL_MS).unref()
  }
  process.on(signal, abort)
}

/** The standard input, which ends when the command is to end. */
async function* inputUntil(stop: AbortSignal): AsyncGenerator<string | Uint8Array> {
  stop.addEventListener('abort', () => process.stdin.destroy(), { once: true })
  try {
    for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) yield chunk
  } catch (error) {
    if (!stop.aborted) throw error
  }
}

/** Runs on a bus that is left whatever happens. */
export async function onBus<Result>(bus: CanBus, run: (bus: CanBus) => Promise<Result>): Promise<Result> {
  let result: Result
  try {
    result = await run(bus)
  } catch (error) {
    // What went wrong first is what is told.
    await bus.close().catch(() => undefined)
    throw error
  }
  await bus.close()
  return result
}
