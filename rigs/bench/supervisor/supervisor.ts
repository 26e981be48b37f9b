import type { Duplex } from 'node:stream'
import { FirmataParser, type FirmataMessage } from '../../drivers/arduino/firmata-wire.js'
import type { PinMap } from '../../pin-map.js'
import { SerialLinePort } from '../serial-line/serial-line-port.js'
import type { BenchStatus } from './control-messages.js'
import { LineWatch } from './line-watch.js'
import { SilenceWatch } from './silence-watch.js'
import { driveSafe, type SafeOutcome } from './safe-sequence.js'
import { ProofFile } from './proof-file.js'
import type { SafeStateProof, SafeStateReason } from './safe-state.js'

/** How long the safe state may take to be confirmed. A board that is booting answers after 2–3 s. */
const CONFIRM_MS = 4_000
/** With the runner gone everything must be gone within 5 s, the board's process after this one. */
const CONFIRM_ORPHANED_MS = 2_000

/**
 * Owns a board's serial line. One client at a time (the lock controller) has it relayed; when that client goes, or when
 * it is told to, the supervisor takes the line back and takes the actuator's power away with Firmata bytes of its own.
 */
export class Supervisor {
  readonly #board: Duplex
  readonly #relay: SerialLinePort
  readonly #pins: PinMap
  readonly #proofFile: ProofFile
  readonly #watch: LineWatch
  readonly #listeners = new Set<(message: FirmataMessage) => void>()
  readonly #parser = new FirmataParser((message) => {
    this.#watch.take(message)
    for (const listener of this.#listeners) listener(message)
  })
  #attempt: { readonly abort: AbortController; readonly proof: Promise<SafeStateProof> } | undefined
  #closed = false
  #isEnding = false
  #latched = false

  /**
   * @param board the open line to the board
   * @param clientSilenceMs a client that says nothing for so long hangs, wall milliseconds: the driver asks for the
   * board's version four times a second
   */
  constructor(board: Duplex, pins: PinMap, evidenceFolder: string, clientSilenceMs: number) {
    this.#board = board
    this.#pins = pins
    this.#proofFile = new ProofFile(evidenceFolder)
    this.#watch = new LineWatch(pins)
    this.#relay = new SerialLinePort({
      onBytes: (bytes) => {
        silence.heard()
        if (board.writable) board.write(bytes)
      },
      onOpened: () => this.#proofFile.controllerCame(),
      onGone: () => void this.makeSafe('client-lost'),
    })
    const silence = new SilenceWatch(clientSilenceMs, () => {
      if (this.#relay.taken) void this.makeSafe('client-hung')
    })
    board.once('close', () => silence.close())
    board.on('data', (bytes: Buffer) => {
      this.#parser.push(bytes)
      if (!this.#attempt) this.#relay.write(bytes)
    })
    board.on('error', () => board.destroy())
    board.on('close', () => {
      this.#attempt?.abort.abort()
      if (!this.#closed) void this.makeSafe('board-link-lost')
    })
  }

  /** Opens the relay. @returns its port on 127.0.0.1 */
  listen(): Promise<number> {
    return this.#relay.listen()
  }

  /** Drops the client, and lets nobody drive any more: who makes a bench safe by hand may have a hand in it. */
  async makeSafeByHand(): Promise<SafeStateProof> {
    this.#latched = true
    return this.makeSafe('by-hand')
  }

  status(): BenchStatus {
    const controlled = this.#relay.taken
    return {
      readings: controlled ? this.#watch.readings : null,
      cutOff: this.#watch.cutOff,
      controlled,
      latched: this.#latched,
    }
  }

  /** Told when the readings have changed. @returns unsubscribe */
  onChange(listener: () => void): () => void {
    return this.#watch.onChange(listener)
  }

  /** For the last time: no client gets the line any more, so that the proof holds. */
  makeSafeForGood(reason: SafeStateReason): Promise<SafeStateProof> {
    this.#isEnding = true
    return this.makeSafe(reason)
  }

  /** Drops the client, drives the safe state, and writes the proof. One attempt runs at a time; a last one is hasty. */
  async makeSafe(reason: SafeStateReason): Promise<SafeStateProof> {
    const last = reason === 'runner-lost' || reason === 'runner-hung' || reason === 'terminated'
    const running = this.#attempt
    if (running && !last) return running.proof
    if (running) {
      running.abort.abort()
      await running.proof
    }
    this.#relay.hold()
    this.#watch.forget()
    const abort = new AbortController()
    const proof = this.#attemptSafe(reason, abort, last ? CONFIRM_ORPHANED_MS : CONFIRM_MS)
    this.#attempt = { abort, proof }
    await proof
    this.#attempt = undefined
    if (this.#board.destroyed || this.#latched) this.#relay.close()
    else if (!this.#closed && !this.#isEnding) this.#relay.letIn()
    return proof
  }

  close(): void {
    this.#closed = true
    this.#relay.close()
    this.#board.destroy()
  }

  async #attemptSafe(
    reason: SafeStateReason,
    abort: AbortController,
    confirmMs: number,
  ): Promise<SafeStateProof> {
    const startedAt = new Date().toISOString()
    this.#proofFile.begin(reason)
    const deadline = setTimeout(() => abort.abort(), confirmMs)
    const outcome = this.#board.destroyed ? LINK_ENDED : await driveSafe(this.#line, this.#pins, abort.signal)
    clearTimeout(deadline)
    return this.#proofFile.end({
      reason,
      confirmed: outcome.confirmed,
      problem: outcome.confirmed ? null : outcome.problem,
      readback: outcome.readback,
      startedAt,
      finishedAt: new Date().toISOString(),
    })
  }

  get #line() {
    return {
      write: (bytes: readonly number[]) => {
        if (this.#board.writable) this.#board.write(Uint8Array.from(bytes))
      },
      onMessage: (listener: (message: FirmataMessage) => void) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
    }
  }
}

const LINK_ENDED: SafeOutcome = {
  confirmed: false,
  problem: 'the line to the board has ended: nothing can be commanded or read back',
  readback: null,
}
