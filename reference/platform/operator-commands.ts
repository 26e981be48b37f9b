import type { LockCommand, LockCommandBody } from '../contracts/lock-link.js'
import type { LockReport, OperatorCommand } from '../contracts/platform-api.js'
import type { LockLink } from './lock-link.js'
import type { CommandResult } from './lock-messages.js'
import type { PlatformConfig, PlatformDeps } from './platform-config.js'
import { refuse, type Refusal } from './problem.js'
import { activeReservation } from './reservation-store.js'
import { bayOfLock } from './spaces.js'

const DEFAULT_ANSWER_TIMEOUT_MS = 10_000

interface Waiting {
  readonly lockId: string
  readonly settle: (answer: LockReport | Refusal) => void
}

/** An operator's commands: sent at once, whether or not the lock is there, and answered by the lock itself. */
export class OperatorCommands {
  readonly #waiting = new Map<string, Waiting>()

  constructor(
    private readonly config: Pick<PlatformConfig, 'commandTtlSeconds' | 'lockAnswerTimeoutMs'>,
    private readonly deps: PlatformDeps,
    private readonly link: () => LockLink,
    /** Sends what is already due to the locks, so that an operator's command does not overtake it. */
    private readonly flush: () => Promise<void>,
  ) {}

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
    this.deps.log.record('operator-command', { lockId, type: command.type, id: command.id }, correlationId)
    const answer = this.#answer(lockId, command.id, order.settleHardwareMs ?? 0)
    this.flush()
      .then(() => this.link().send(lockId, command))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.#waiting.get(command.id)?.settle(refuse('lock-silent', `lock ${lockId}: ${reason}`))
      })
    return answer
  }

  /** Hands a lock's result to whoever waits for it; only the lock that was asked may answer. */
  resolve(lockId: string, result: CommandResult): void {
    const waiting = this.#waiting.get(result.commandId)
    if (waiting?.lockId !== lockId) return
    const { outcome, reason, bolt, moves, reservationId } = result
    waiting.settle({ outcome, ...(reason !== undefined && { reason }), bolt, moves, reservationId })
  }

  close(): void {
    for (const { lockId, settle } of this.#waiting.values()) {
      settle(refuse('lock-silent', `the platform stopped before lock ${lockId} answered`))
    }
  }

  #answer(lockId: string, commandId: string, settleHardwareMs: number): Promise<LockReport | Refusal> {
    const limitMs = (this.config.lockAnswerTimeoutMs ?? DEFAULT_ANSWER_TIMEOUT_MS) + settleHardwareMs
    return new Promise((resolve) => {
      const settle = (answer: LockReport | Refusal) => {
        clearTimeout(timer)
        this.#waiting.delete(commandId)
        resolve(answer)
      }
      const timer = setTimeout(
        () => settle(refuse('lock-silent', `lock ${lockId} did not answer within ${limitMs} ms`)),
        limitMs,
      )
      this.#waiting.set(commandId, { lockId, settle })
    })
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
