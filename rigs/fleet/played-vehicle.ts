import type { VehicleCommand, VehicleEvent } from '../../reference/contracts/vehicle-link.js'
import type { BrokerAccess } from '../../reference/ports/broker-access.js'
import { RecentAnswers } from '../../reference/vehicle/recent-answers.js'
import { openVehicleLink, type VehicleLink } from '../../reference/vehicle/vehicle-link-client.js'

/** A cloud repeats what it has no answer to, one command after the other. */
const REMEMBERED_COMMANDS = 32

type EventBody = Omit<VehicleEvent, 'id' | 'at'>

export interface PlayedVehicleDeps {
  /** Epoch milliseconds: a command's end of life is judged on it. */
  readonly now: () => number
  readonly newId: () => string
  /** Hears each command that it has carried out. */
  readonly onShown?: (command: VehicleCommand) => void
  readonly onFault?: (error: unknown) => void
}

/**
 * The T-BOX end of a car at the level of its protocol, vehicle-link 1.2.0: it acknowledges plans as the reference T-BOX
 * does once the head unit has shown them; there is no bus and no head unit behind it.
 */
export class PlayedVehicle {
  readonly #recent = new RecentAnswers<EventBody>(REMEMBERED_COMMANDS)
  #link: VehicleLink | undefined
  #planId: string | undefined
  #closed = false

  private constructor(private readonly deps: PlayedVehicleDeps) {}

  /** Resolves when it listens, and has said that it is there. @throws VehicleLinkUnavailable */
  static async start(
    vehicleId: string,
    broker: BrokerAccess,
    connectTimeoutMs: number,
    deps: PlayedVehicleDeps,
  ): Promise<PlayedVehicle> {
    const vehicle = new PlayedVehicle(deps)
    const log = { record: () => undefined }
    const link = await openVehicleLink(vehicleId, broker, connectTimeoutMs, log)
    vehicle.#link = link
    try {
      link.onReconnected(() => vehicle.#say({ type: 'born' }))
      await link.listen((command) => vehicle.#take(command))
      vehicle.#say({ type: 'born' })
    } catch (error) {
      await link.close()
      throw error
    }
    return vehicle
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#link?.close()
  }

  #take(command: VehicleCommand): void {
    if (this.#closed) return
    const { id } = command
    if (!this.#recent.add(id)) {
      const answer = this.#recent.answerTo(id)
      return answer && this.#say(answer)
    }
    const answer = this.#carryOut(command)
    this.#recent.answer(id, answer)
    this.#say(answer)
  }

  #carryOut(command: VehicleCommand): EventBody {
    const { id: commandId, type, planId, state, expiresAt, correlationId } = command
    const about = { commandId, planId, state, ...(correlationId !== undefined && { correlationId }) }
    if (Date.parse(expiresAt) <= this.deps.now()) return { type: 'plan-failed', ...about, reason: 'expired' }
    if (type === 'show-plan') this.#planId = planId
    if (planId !== this.#planId) return { type: 'plan-failed', ...about, reason: 'unknown-plan' }
    this.deps.onShown?.(command)
    return { type: 'plan-shown', ...about }
  }

  #say(body: EventBody): void {
    if (this.#closed) return
    const event = { id: this.deps.newId(), at: new Date(this.deps.now()).toISOString(), ...body }
    this.#link?.publish(event).catch((error: unknown) => {
      if (!this.#closed) this.deps.onFault?.(error)
    })
  }
}
