import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FleetFigures, FleetProgress, FromFleet, ToFleet } from './fleet-messages.js'
import type { FleetPlan } from './fleet-plan.js'

const PROCESS = fileURLToPath(new URL('./fleet-process.js', import.meta.url))
const END_MS = 60_000

/** The fleet could not be brought up, or its process ended: nothing is said about the parties. */
export class FleetFailed extends Error {
  override readonly name = 'FleetFailed'
}

/** A fleet in a process of its own. */
export class FleetChild {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts the process and connects all locks, cars and phones. @throws FleetFailed */
  static async connect(
    plan: FleetPlan,
    onProgress: (connected: Extract<FromFleet, { kind: 'connecting' }>) => void,
  ): Promise<FleetChild> {
    const child = fork(PROCESS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: profiled() })
    const fleet = new FleetChild(child)
    try {
      await fleet.#answer({ kind: 'connect', plan }, (said) => {
        if (said.kind === 'connecting') onProgress(said)
        return said.kind === 'connected' ? true : undefined
      })
      return fleet
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** Plays it to its end. @throws FleetFailed */
  play(onProgress: (progress: FleetProgress) => void): Promise<FleetFigures> {
    return this.#answer({ kind: 'play' }, (said) => {
      if (said.kind === 'progress') onProgress(said.progress)
      return said.kind === 'finished' ? said.figures : undefined
    })
  }

  /** No more wishes. */
  stop(): void {
    this.#tell({ kind: 'stop' })
  }

  /** All locks say goodbye. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.#tell({ kind: 'close' })
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_MS)
    await ended
    clearTimeout(timer)
  }

  #answer<T>(question: ToFleet, pick: (said: FromFleet) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        this.child.off('message', onMessage).off('exit', onExit)
        outcome()
      }
      const onMessage = (said: FromFleet) => {
        if (said.kind === 'failed') {
          return settle(() => reject(new FleetFailed(`${said.error}: ${said.message}`)))
        }
        const picked = pick(said)
        if (picked !== undefined) settle(() => resolve(picked))
      }
      const onExit = (code: number | null, signal: string | null) =>
        settle(() => reject(new FleetFailed(`the fleet's process ended (${signal ?? String(code)})`)))
      this.child.on('message', onMessage).once('exit', onExit)
      this.#tell(question)
    })
  }

  #tell(message: ToFleet): void {
    // A process that has just ended cannot be told; its exit is what counts.
    if (this.child.connected) this.child.send(message, () => undefined)
  }
}

/** Somebody who profiles the whole command wants the fleet's process among the profiles. */
const profiled = () => process.execArgv.filter((flag) => flag.startsWith('--cpu-prof'))
