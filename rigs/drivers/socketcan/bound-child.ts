import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'

const STDERR_KEPT = 2_000

/** How a child came to its end, with what it said about it. */
export interface ChildEnd {
  readonly how: string
  readonly stderr: string
}

/**
 * A child that the kernel kills when the thread that started it ends, however that comes (prctl(2),
 * PR_SET_PDEATHSIG): candump would else not notice before the next frame.
 */
export class BoundChild {
  readonly process: ChildProcessWithoutNullStreams
  /** Resolves when it is gone and all its output has been read. */
  readonly ended: Promise<ChildEnd>

  constructor(command: string, args: readonly string[]) {
    this.process = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    })
    let stderr = ''
    this.process.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('latin1')).slice(-STDERR_KEPT)
    })
    // A child that is gone says so by its end; the broken pipe adds nothing.
    this.process.stdin.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      let failure: Error | undefined
      this.process.on('error', (error) => (failure = error))
      this.process.on('close', (code, signal) =>
        resolve({
          how: failure ? failure.message : signal ? `killed by ${signal}` : `exit code ${code}`,
          stderr: stderr.trim(),
        }),
      )
    })
  }

  async kill(): Promise<void> {
    const child: ChildProcess = this.process
    child.kill('SIGKILL')
    await this.ended
  }
}
