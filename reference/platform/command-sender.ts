import type { LockCommand } from '../contracts/lock-link.js'
import type { Delivered } from '../sql/dispatcher.js'
import type { Outgoing } from '../sql/lanes.js'
import { takeTurn, unansweredCommands } from './command-outbox.js'
import type { PlatformDeps } from './platform-config.js'

/** How long a lock may be silent about a command before it is sent again; doubled each time. Wall milliseconds. */
const FIRST_RESEND_MS = 3_000
const LONGEST_RESEND_MS = 60_000
/** Commands that are looked after in one look. */
const MOST_AT_ONCE = 100

interface Unanswered {
  readonly lockId: string
  readonly sent: number
  readonly dueAt: number
}

export interface CommandSenderParts extends Pick<PlatformDeps, 'store' | 'clock' | 'newId' | 'log'> {
  /** Resolves when the broker has taken the command. */
  readonly publish: (lockId: string, command: LockCommand) => Promise<void>
  /** Sends again what is still there of a lock's commands. */
  readonly again: (lockId: string) => void
  /** Wall time. */
  readonly monotonicMs?: () => number
}

/**
 * Sends commands, and sends again what its lock does not answer in time: the same command with the same number, which
 * the lock knows by its id if it had come after all.
 */
export class CommandSender {
  readonly #unanswered = new Map<number, Unanswered>()
  #looking: Promise<void> | undefined

  constructor(private readonly parts: CommandSenderParts) {}

  /** The command stays in the outbox until its lock has answered, or its life is over. @throws LockLinkDown, MqttLinkLost */
  async send(message: Outgoing): Promise<Delivered> {
    const { store, clock, newId, log, publish } = this.parts
    const { sequence, key: lockId } = message
    const turn = await store.transaction((session) => takeTurn(session, message, clock.now(), newId()))
    if (turn === 'waits') {
      // The lock is away: its birth sends what is there, and until then nobody need look after it.
      this.#unanswered.delete(sequence)
      return 'kept'
    }
    if ('expired' in turn) {
      // It moves nothing any more.
      log.record(turn.wasSent ? 'command-unanswered' : 'command-expired-unsent', {
        lockId,
        type: turn.expired,
      })
      this.#unanswered.delete(sequence)
      return 'done'
    }
    await publish(lockId, turn.send)
    const sent = (this.#unanswered.get(sequence)?.sent ?? 0) + 1
    const { id, type } = turn.send
    if (sent > 1) log.record('command-sent-again', { lockId, type, id, sent })
    const waitMs = Math.min(LONGEST_RESEND_MS, FIRST_RESEND_MS * 2 ** (sent - 1))
    this.#unanswered.set(sequence, { lockId, sent, dueAt: this.#now + waitMs })
    return 'kept'
  }

  /** To be called often: sends again what has been unanswered for too long. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.parts.log.record('unanswered-unreadable', { reason })
      })
      .finally(() => (this.#looking = undefined))
    return this.#looking
  }

  /** Another instance sends from now on. */
  letGo(): void {
    this.#unanswered.clear()
  }

  async #look(): Promise<void> {
    const now = this.#now
    const due = [...this.#unanswered].filter(([, { dueAt }]) => dueAt <= now).slice(0, MOST_AT_ONCE)
    if (due.length === 0) return
    const open = new Set(
      await unansweredCommands(
        this.parts.store,
        due.map(([sequence]) => sequence),
      ),
    )
    const silent = new Set<string>()
    for (const [sequence, { lockId }] of due) {
      if (open.has(sequence)) silent.add(lockId)
      else this.#unanswered.delete(sequence)
    }
    for (const lockId of silent) this.parts.again(lockId)
  }

  get #now(): number {
    return (this.parts.monotonicMs ?? (() => performance.now()))()
  }
}
