import type { LockCommand, LockCommandBody } from '../contracts/lock-link.js'
import type { LockReport, OperatorCommand } from '../contracts/platform-api.js'
import { expectAnswer, forgetCall, readAnswers } from './operator-calls.js'
import { postCommand } from './outbox.js'
import type { PlatformConfig, PlatformDeps } from './platform-config.js'
import { refuse, type Refusal } from './problem.js'
import { activeReservation } from './reservation-store.js'
import { bayOfLock } from './spaces.js'

const DEFAULT_ANSWER_TIMEOUT_MS = 10_000
/** How often answers that came to another instance are looked for, wall milliseconds. */
const LOOK_MS = 100

interface Waiting {
  readonly lockId: string
  readonly settle: (answer: LockReport | Refusal) => void
}

/** An operator's commands: sent at once, whether or not the lock is there, and answered by the lock itself. */
export class OperatorCommands {
  readonly #waiting = new Map<string, Waiting>()
  #looking: NodeJS.Timeout | undefined

  constructor(
    private readonly config: Pick<PlatformConfig, 'commandTtlSeconds' | 'lockAnswerTimeoutMs'>,
    private readonly deps: PlatformDeps,
    /** Called after a commit that left something in the outbox. */
    private readonly onCommit: () => void,
  ) {}

  /** In the outbox it comes after what is already due to the lock, so that it overtakes nothing. */
  async send(
    lockId: string,
    order: OperatorCommand,
    correlationId: string | undefined,
  ): Promise<LockReport | Refusal> {
    const body = await this.#body(lockId, order)
    if ('refused' in body) return body
    const nowMs = this.deps.clock.now()
    const lifeSeconds = order.expiresInSeconds ?? this.config.commandTtlSeconds
    const command: LockCommand = {
      id: this.deps.newId(),
      issuedAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + lifeSeconds * 1000).toISOString(),
      ...(correlationId !== undefined && { correlationId }),
      ...body,
    }
    await this.deps.store.transaction(async (session) => {
      await expectAnswer(session, command.id, lockId, nowMs)
      await postCommand(session, lockId, command, { atOnce: true })
    })
    this.deps.log.record('operator-command', { lockId, type: command.type, id: command.id }, correlationId)
    const answer = this.#answer(lockId, command.id, order.settleHardwareMs ?? 0)
    this.onCommit()
    return answer
  }

  /** Looks whether an answer has come that somebody here waits for. */
  async look(): Promise<void> {
    if (this.#waiting.size === 0) return
    try {
      for (const { commandId, answer } of await readAnswers(this.deps.store, [...this.#waiting.keys()])) {
        this.#waiting.get(commandId)?.settle(answer)
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.deps.log.record('answers-unreadable', { reason })
    }
  }

  close(): void {
    for (const { lockId, settle } of this.#waiting.values()) {
      settle(refuse('lock-silent', `the platform stopped before lock ${lockId} answered`))
    }
  }

  async #answer(lockId: string, commandId: string, settleHardwareMs: number): Promise<LockReport | Refusal> {
    const limitMs = (this.config.lockAnswerTimeoutMs ?? DEFAULT_ANSWER_TIMEOUT_MS) + settleHardwareMs
    const answer = await new Promise<LockReport | Refusal>((resolve) => {
      const settle = (given: LockReport | Refusal) => {
        clearTimeout(timer)
        this.#waiting.delete(commandId)
        if (this.#waiting.size === 0) {
          clearInterval(this.#looking)
          this.#looking = undefined
        }
        resolve(given)
      }
      const timer = setTimeout(
        () => settle(refuse('lock-silent', `lock ${lockId} did not answer within ${limitMs} ms`)),
        limitMs,
      )
      this.#waiting.set(commandId, { lockId, settle })
      this.#looking ??= setInterval(() => void this.look(), LOOK_MS)
    })
    // What stays behind is forgotten with a later call.
    await forgetCall(this.deps.store, commandId).catch(() => undefined)
    return answer
  }

  async #body(lockId: string, order: OperatorCommand): Promise<LockCommandBody | Refusal> {
    const bay = await bayOfLock(this.deps.store, lockId)
    if (!bay) return refuse('lock-unknown', `there is no lock ${lockId}`)
    const { type, comparatorReading, settleHardwareMs } = order
    switch (type) {
      case 'unlock':
      case 'lock':
      case 'safe':
      case 'rearm':
        return { type }
      case 'report':
        return { type, ...(settleHardwareMs !== undefined && { settleHardwareMs }) }
      case 'configure':
        return comparatorReading
          ? { type, comparatorReading }
          : refuse('request-invalid', 'configure needs comparatorReading')
      case 'sync': {
        const reservation = await activeReservation(this.deps.store, bay.bay_id)
        return { type, reservationId: reservation?.reservation_id ?? null }
      }
    }
  }
}
