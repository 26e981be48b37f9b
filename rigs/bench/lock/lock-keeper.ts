import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClockFollower } from '../business-clock.js'
import { RigFault } from '../rig-errors.js'
import { withDeadline } from '../wires/wire-log.js'
import { LOCK_EXIT, type FromLock, type LockSetup, type ToLock } from './lock-messages.js'
import { errorOfRecord } from '../../../reference/ports/fault-record.js'

const PROCESS = fileURLToPath(new URL('./lock-process.js', import.meta.url))

/** A board under StandardFirmata is ready 2–3 s after power, simulated ones on a busy machine later. */
const READY_MS = 30_000

interface KeeperEvents {
  /** A process has been started, with this number. */
  started: [number]
  ready: [Extract<FromLock, { kind: 'ready' }>]
  scanned: [Extract<FromLock, { kind: 'scanned' }>]
  'in-view': []
  /** The process ended; `null` when a signal ended it. */
  ended: [number | null]
}

/**
 * Runs the lock's controller as a process of its own and starts it again when its board was lost, as the service
 * manager of a lock would. A process it must be: johnny-five has no way to let go of a board, and a power cut has to
 * be able to kill it.
 */
export class LockKeeper implements ClockFollower {
  readonly events = new EventEmitter<KeeperEvents>()
  #child: ChildProcess | undefined
  #ready: Promise<Extract<FromLock, { kind: 'ready' }>> | undefined
  #wanted = false
  #inView: readonly number[] = []
  /** Codes that stay before the camera, whoever comes and goes. */
  #surroundings: readonly number[] = []
  #clockRequests = 0
  #epochMs: number | undefined

  constructor(private readonly setup: LockSetup) {
    this.#epochMs = setup.epochMs
  }

  /** Resolves when only the surroundings are before the camera: what is shown next is a new presentation. */
  async nothingInSight(): Promise<void> {
    while (this.#inView.some((code) => !this.#surroundings.includes(code)))
      await once(this.events as EventEmitter, 'in-view')
  }

  /** What is in view now stays there, a sticker beside the lens: it is no presentation, also when it is read again. */
  takeForSurroundings(): void {
    this.#surroundings = this.#inView
  }

  /** Starts the lock, and keeps it running until `kill` or `close`. Resolves when it is ready. */
  start(): Promise<Extract<FromLock, { kind: 'ready' }>> {
    this.#wanted = true
    if (!this.#child) this.#launch()
    return this.ready()
  }

  /** Resolves when the lock that runs, or is being started again, is ready. @throws RigFault, RigTimeout */
  ready(): Promise<Extract<FromLock, { kind: 'ready' }>> {
    return withDeadline('the lock', this.#ready ?? this.#nextReady(), READY_MS)
  }

  /** Pulls the power of the controller: SIGKILL, and no new start. */
  async kill(): Promise<void> {
    this.#wanted = false
    await this.#end('SIGKILL')
  }

  /** Resolves when the other process's clock stands; at once when it is not running: it starts with the time then. */
  async set(epochMs: number): Promise<void> {
    this.#epochMs = epochMs
    const child = this.#child
    if (!child?.connected || !this.#ready) return
    const request = ++this.#clockRequests
    const answered = new Promise<void>((resolve) => {
      const end = () => {
        child.off('message', listen).off('exit', end)
        resolve()
      }
      const listen = (message: FromLock) => {
        if (message.kind === 'clock-set' && message.request === request) end()
      }
      child.on('message', listen).on('exit', end)
    })
    this.#tell({ kind: 'set-clock', epochMs, request })
    await withDeadline("setting the lock's clock", answered, 5_000)
  }

  async close(): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (!child) return
    const ended = once(this.events as EventEmitter, 'ended')
    this.#tell({ kind: 'stop' })
    try {
      await withDeadline('the end of the lock', ended, 5_000)
    } catch {
      await this.#end('SIGKILL')
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child) return
    const ended = once(this.events as EventEmitter, 'ended')
    child.kill(signal)
    await ended
  }

  #launch(): void {
    const child = fork(PROCESS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child = child
    if (child.pid !== undefined) this.events.emit('started', child.pid)
    this.#inView = []
    this.#surroundings = []
    this.#ready = this.#nextReady()
    this.#ready.catch(() => undefined) // whoever waits hears of it; nobody has to wait
    child.on('message', (message: FromLock) => {
      if (message.kind === 'ready') this.events.emit('ready', message)
      if (message.kind === 'in-view') {
        this.#inView = message.codes
        this.events.emit('in-view')
      }
      if (message.kind === 'scanned' && !this.#surroundings.includes(message.code))
        this.events.emit('scanned', message)
    })
    child.once('exit', (code) => {
      this.#child = undefined
      this.#ready = undefined
      this.events.emit('ended', code)
      // A controller that crashes is started again as well: whether that was right, the scenario says.
      if (this.#wanted && code !== LOCK_EXIT.stopped) this.#launch()
    })
    this.#tell({
      kind: 'start',
      setup: { ...this.setup, ...(this.#epochMs !== undefined && { epochMs: this.#epochMs }) },
    })
  }

  #nextReady(): Promise<Extract<FromLock, { kind: 'ready' }>> {
    const child = this.#child
    if (!child) return Promise.reject(new RigFault('the lock is not running'))
    return new Promise((resolve, reject) => {
      child.on('message', (message: FromLock) => {
        if (message.kind === 'ready') resolve(message)
        if (message.kind === 'failed') {
          const { fault } = message
          reject(new RigFault(`the lock did not start: ${fault.message}`, { cause: errorOfRecord(fault) }))
        }
      })
      child.once('exit', (code) =>
        reject(new RigFault(`the lock's process ended with ${code} before it was ready`)),
      )
    })
  }

  #tell(message: ToLock): void {
    // A process that has just died cannot be told; its exit is what counts.
    this.#child?.send(message, () => undefined)
  }
}
