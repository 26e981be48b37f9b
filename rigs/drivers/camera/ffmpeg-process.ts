import { spawn, type ChildProcess } from 'node:child_process'
import { platform } from 'node:os'
import type { Readable } from 'node:stream'

const STDERR_KEPT = 4_000

/** How a child came to its end, with the last of what it said. */
export interface FfmpegEnd {
  readonly how: string
  readonly stderr: string
}

/**
 * An ffmpeg that writes to us. On Linux the kernel kills it when we end, however that comes (prctl(2),
 * PR_SET_PDEATHSIG): one that waits for a device would not notice that nobody reads any more.
 */
export class FfmpegProcess {
  readonly stdout: Readable
  /** Resolves when it is gone and all its output has been read. */
  readonly ended: Promise<FfmpegEnd>
  readonly #child: ChildProcess

  /** @param onLine gets each line of its log */
  constructor(args: readonly string[], onLine: (line: string) => void = () => undefined) {
    const command = ['ffmpeg', '-nostdin', '-hide_banner', ...args]
    const [program, ...rest] =
      platform() === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', ...command] : command
    const child = spawn(program as string, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    })
    this.#child = child
    this.stdout = child.stdout
    let stderr = ''
    let line = ''
    child.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      stderr = (stderr + text).slice(-STDERR_KEPT)
      const lines = (line + text).split(/[\r\n]+/)
      line = (lines.pop() ?? '').slice(-STDERR_KEPT)
      for (const whole of lines) onLine(whole)
    })
    this.ended = new Promise((resolve) => {
      let failure: NodeJS.ErrnoException | undefined
      child.on('error', (error) => (failure = error))
      child.on('close', (code, signal) =>
        resolve({
          how: failure
            ? (failure.code ?? failure.message)
            : signal
              ? `killed by ${signal}`
              : `exit code ${code}`,
          stderr: stderr.trim(),
        }),
      )
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Ends it, however it hangs. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}
