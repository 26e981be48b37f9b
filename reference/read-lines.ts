import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Longest line that is kept, UTF-16 units. A longer one is noise, or an attack on the memory. */
const MAX_LINE_CHARACTERS = 1_000_000

/** Thrown when a source of lines ended, failed or sent a line that is too long before the line that was awaited. */
export class LinesEnded extends Error {
  override readonly name = 'LinesEnded'
  constructor(cause?: Error) {
    super(`no further line will come: ${cause?.message ?? 'the other end has closed'}`, { cause })
  }
}

export interface ReadLinesOptions {
  /** Default 1,000,000 UTF-16 units. A source that sends a longer line is destroyed. */
  readonly maxLineCharacters?: number
  /** Called once: at the end, at an error of the source, or after a listener that threw. */
  readonly onEnd?: (cause?: Error) => void
}

/**
 * Reads UTF-8 lines (LF or CRLF) of a socket, a pipe or a child process; what follows the last line break is a line as
 * well. It never throws, and no event of the source stays without a listener: `readline.createInterface` emits its
 * input's errors again, where none is, and so ends the process (Node, lib/internal/readline/interface.js). A listener
 * that throws ends the reading and destroys the source; without `onEnd` that is a warning of the process.
 * @returns ends the reading; the source flows on, so that its sender is not held up
 */
export function readLines(
  source: Readable,
  onLine: (line: string) => void,
  { maxLineCharacters = MAX_LINE_CHARACTERS, onEnd }: ReadLinesOptions = {},
): () => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let ended = false
  const end = (cause?: Error) => {
    if (ended) return
    ended = true
    rest = ''
    onEnd?.(cause)
  }
  const fail = (error: unknown) => {
    const cause = error instanceof Error ? error : new Error(String(error))
    if (!onEnd && !ended) process.emitWarning(cause)
    end(cause)
    source.destroy()
  }
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (ended) return
      onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
    }
    if (rest.length > maxLineCharacters) throw new Error(`a line has over ${maxLineCharacters} characters`)
  }
  const guarded = (step: () => void) => {
    if (ended) return
    try {
      step()
    } catch (error) {
      fail(error)
    }
  }
  source.on('data', (chunk: Buffer | string) =>
    guarded(() => take(typeof chunk === 'string' ? chunk : decoder.write(chunk))),
  )
  source.on('end', () => {
    guarded(() => {
      const last = rest + decoder.end()
      rest = ''
      if (last !== '') onLine(last)
    })
    end()
  })
  source.on('error', (error: Error) => end(error))
  source.on('close', () => end())
  return () => end()
}

/**
 * The next line of a source, which is read on and discarded after it.
 * @throws LinesEnded when none comes; the signal's reason
 */
export function nextLine(source: Readable, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal?.reason as Error)
      stop()
    }
    const take = (line: string) => {
      resolve(line)
      stop()
    }
    const onEnd = (cause?: Error) => {
      signal?.removeEventListener('abort', onAbort)
      reject(new LinesEnded(cause)) // too late where the line, or the signal, has settled it
    }
    const stop = readLines(source, take, { onEnd })
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  })
}

/** The lines of a source one by one; those that come before they are asked for wait. It is done where the source ends. */
export function lineIterator(source: Readable): AsyncIterableIterator<string, undefined> {
  const waiting: string[] = []
  const asked: ((result: IteratorResult<string, undefined>) => void)[] = []
  let ended = false
  const done = { done: true, value: undefined } as const
  readLines(
    source,
    (line) => {
      const ask = asked.shift()
      if (ask) ask({ done: false, value: line })
      else waiting.push(line)
    },
    {
      onEnd: () => {
        ended = true
        for (const ask of asked.splice(0)) ask(done)
      },
    },
  )
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => {
      const value = waiting.shift()
      if (value !== undefined) return Promise.resolve({ done: false, value })
      if (ended) return Promise.resolve(done)
      return new Promise((resolve) => asked.push(resolve))
    },
  }
}
