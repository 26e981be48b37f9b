import type { CommandRefusal, LockEvent, LockEventBody } from '../../reference/contracts/lock-link.js'
import { MqttLinkLost } from '../../reference/mqtt/sure-publisher.js'
import type { PlayedLockDeps } from './played-lock-config.js'

type CommandResult = Extract<LockEvent, { readonly type: 'command-result' }>

/**
 * What a played lock says: one event after the other, each acknowledged before the next, for order is part of the
 * contract. Without a link it waits for the next one; unlike the reference lock it does not tell again what a broker
 * that died had acknowledged.
 */
export class PlayedVoice {
  readonly #waiting: string[] = []
  #sending: Promise<void> | undefined
  #closed = false

  /** @param send resolves when the broker has acknowledged. @throws MqttLinkLost */
  constructor(
    private readonly deps: PlayedLockDeps,
    private readonly send: (event: string) => Promise<void>,
  ) {}

  say(body: LockEventBody, correlationId?: string): void {
    const event: LockEvent = {
      id: this.deps.newId(),
      at: new Date(this.deps.now()).toISOString(),
      ...(correlationId !== undefined && { correlationId }),
      ...body,
    }
    this.deps.onEvent?.(event)
    this.#waiting.push(JSON.stringify(event))
    this.goOn()
  }

  /** One answer for each command. */
  answer(
    commandId: string,
    carried: 'done' | CommandRefusal,
    state: Pick<CommandResult, 'bolt' | 'moves' | 'reservationId'>,
    correlationId: string | undefined,
  ): void {
    const outcome =
      carried === 'done' ? ({ outcome: 'done' } as const) : ({ outcome: 'refused', reason: carried } as const)
    this.say({ type: 'command-result', commandId, ...outcome, ...state }, correlationId)
  }

  /** There is something to say, or the link is there again. */
  goOn(): void {
    this.#sending ??= this.#sendAll().then((isAllSaid) => {
      this.#sending = undefined
      // What came to mind in the turn between.
      if (isAllSaid && this.#waiting.length > 0) this.goOn()
    })
  }

  /** Nothing more is said; resolves when everything has been that can be. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#sending
  }

  /** @returns whether everything was said */
  async #sendAll(): Promise<boolean> {
    try {
      for (let [event] = this.#waiting; event !== undefined; [event] = this.#waiting) {
        await this.send(event)
        this.#waiting.shift()
      }
      return true
    } catch (error) {
      if (!(error instanceof MqttLinkLost) && !this.#closed) this.deps.onFault?.(error)
      return false
    }
  }
}
