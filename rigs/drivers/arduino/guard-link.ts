import type { Duplex } from 'node:stream'
import { FirmataParser, type FirmataMessage } from './firmata-wire.js'
import {
  guardStatusIn,
  identityIn,
  latchedCutOff,
  lockstep,
  type FirmwareIdentity,
  type GuardStatus,
  type LatchedCutOff,
} from './lockstep-wire.js'

/** A heartbeat goes out for so many milliseconds of the board's time: four may be lost before the board cuts. */
const HEARTBEAT_HARDWARE_MS = 100

/** How long the board may take to answer one question, and how often it is asked meanwhile, wall milliseconds. */
const ANSWER_MS = 2_000
const ASK_AGAIN_MS = 250

/**
 * The driver's side of LockstepFirmata's guard: it arms for a drive, keeps the heartbeat while the board goes on
 * measuring, and knows what has been cut off. The beat goes by the board's own samples: a host that hears no board
 * keeps nothing supplied, and the rate is right however fast or slow the board's time runs.
 */
export class GuardLink {
  readonly #stream: Duplex
  readonly #listeners = new Set<(message: FirmataMessage) => void>()
  #status: GuardStatus | undefined
  #acknowledgedCuts: number | undefined
  #command: (() => void) | undefined
  #isSecondTry = false
  #beats = 0
  #beatAtMs = 0
  #nowMs = 0
  #statusAtMs = 0

  constructor(stream: Duplex) {
    this.#stream = stream
    const parser = new FirmataParser((message) => {
      const status = guardStatusIn(message)
      if (status) this.#take(status)
      for (const listener of this.#listeners) listener(message)
    })
    // Before firmata-io: of a chunk that holds samples and a cut-off, as after a stall, the cut-off must be known first.
    stream.prependListener('data', (bytes: Buffer) => parser.push(bytes))
  }

  /** The protection that holds the actuator without power, as long as nobody has acknowledged it. */
  get cutOff(): LatchedCutOff | undefined {
    const status = this.#status
    if (!status || status.cuts === this.#acknowledgedCuts) return undefined
    const latch = latchedCutOff(status)
    return latch && { ...latch, ageMs: latch.ageMs + this.#nowMs - this.#statusAtMs }
  }

  get status(): GuardStatus | undefined {
    return this.#status
  }

  /** Resolves with what the board says about itself, or undefined when it does not answer in time. */
  async introduce(): Promise<FirmwareIdentity | undefined> {
    const identity = await this.#ask(lockstep.askIdentity(), identityIn)
    await this.#ask(lockstep.askStatus(), guardStatusIn)
    return identity
  }

  /** Arms, and has the commands of a drive written right after. */
  drive(command: () => void): void {
    this.#isSecondTry = false
    this.#arm(command)
  }

  /** To be called with every sample. */
  measured(hardwareMs: number): void {
    this.#nowMs = hardwareMs
    if (!this.#command || hardwareMs < this.#beatAtMs + HEARTBEAT_HARDWARE_MS) return
    this.#beatAtMs = hardwareMs
    this.#write(lockstep.heartbeat(++this.#beats))
  }

  release(): void {
    this.#command = undefined
    this.#write(lockstep.disarm())
  }

  /** The next `drive` is carried out although a protection has cut before, and the board forgets its latch. */
  rearm(): void {
    this.#acknowledgedCuts = this.#status?.cuts
    // Armed and disarmed in one write: an arm with the right number ends the latch, and nothing can be driven in between.
    this.#write([...lockstep.arm(this.#status?.cuts ?? 0), ...lockstep.disarm()])
  }

  #take(status: GuardStatus): void {
    this.#status = status
    this.#statusAtMs = this.#nowMs
    const command = this.#command
    // The power went at the end of travel while the next drive was under way: it was no cut-off, so once more.
    if (command && !this.#isSecondTry && status.refused && !status.armed && !status.latched) {
      this.#isSecondTry = true
      this.#arm(command)
    }
    if (this.cutOff !== undefined) this.#command = undefined
  }

  #arm(command: () => void): void {
    this.#command = command
    this.#beatAtMs = -Infinity
    this.#write(lockstep.arm(this.#status?.cuts ?? 0))
    command()
  }

  /** Asks until there is an answer: a line may lose a byte. */
  #ask<Answer>(
    question: readonly number[],
    find: (message: FirmataMessage) => Answer | undefined,
  ): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const end = (answer?: Answer) => {
        clearTimeout(deadline)
        clearInterval(asking)
        this.#listeners.delete(listen)
        resolve(answer)
      }
      const listen = (message: FirmataMessage) => {
        const answer = find(message)
        if (answer !== undefined) end(answer)
      }
      const deadline = setTimeout(end, ANSWER_MS)
      const asking = setInterval(() => this.#write(question), ASK_AGAIN_MS)
      this.#listeners.add(listen)
      this.#write(question)
    })
  }

  #write(bytes: readonly number[]): void {
    if (this.#stream.writable) this.#stream.write(Uint8Array.from(bytes))
  }
}
