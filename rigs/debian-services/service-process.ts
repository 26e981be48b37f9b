import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readLines } from '../../reference/read-lines.js'
import type { ServiceUser } from './unprivileged.js'

/** Thrown when a server ends, or says nothing, before it is ready; with the last lines that it wrote. */
export class ServiceFailed extends Error {
  override readonly name = 'ServiceFailed'
}

const READY_MS = 60_000
/** How many lines of a server that does not start are told. */
const TOLD_LINES = 15

/** A server from a Debian package, as a child of this process. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<unknown>,
  ) {}

  /**
   * @param ready a line on the server's standard error that says that it serves
   * @throws ServiceFailed
   */
  static async start(
    user: ServiceUser,
    program: string,
    args: readonly string[],
    options: {
      readonly cwd: string
      readonly ready: RegExp
      /** Hears every line on standard error, for as long as it runs. */
      readonly onLine?: (line: string) => void
    },
  ): Promise<ServiceProcess> {
    const { file, args: all } = user.command(program, args)
    const child = spawn(file, all, { cwd: options.cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    const exited = once(child, 'exit')
    exited.catch(() => undefined)
    const lines: string[] = []
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string, cause?: Error) => {
        clearTimeout(deadline)
        child.kill('SIGKILL')
        reject(new ServiceFailed(`${program} ${what}:\n${lines.slice(-TOLD_LINES).join('\n')}`, { cause }))
      }
      const deadline = setTimeout(() => fail(`was not ready within ${READY_MS} ms`), READY_MS)
      child.once('error', (cause) => fail('cannot be started', cause))
      child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`))
      readLines(child.stderr, (line) => {
        options.onLine?.(line)
        lines.push(line)
        if (lines.length > TOLD_LINES) lines.shift()
        if (!options.ready.test(line)) return
        clearTimeout(deadline)
        resolve()
      })
    })
    return new ServiceProcess(child, exited)
  }

  /** Ends it, and waits until it has. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal)
      await this.exited
    }
  }
}
