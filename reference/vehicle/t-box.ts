import type { VehicleCommand, VehicleEvent } from '../contracts/vehicle-link.js'
import { wgs84 } from '../domain/coordinates.js'
import type { BrokerAccess } from '../ports/broker-access.js'
import type { CanBus } from '../ports/can-bus.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { RunningParty } from '../ports/party.js'
import { busTiming, type BusTiming } from './bus-timing.js'
import { PlanSender, type ShowOutcome } from './plan-sender.js'
import { wallSchedule, type Schedule } from './reception-guard.js'
import { RecentAnswers } from './recent-answers.js'
import { unlockStepOf } from './unlock-step.js'
import { openVehicleLink, type VehicleLink } from './vehicle-link-client.js'

export interface TBoxConfig {
  readonly vehicleId: string
  readonly broker: BrokerAccess
  readonly timing?: Partial<BusTiming>
  /** How long the first connection to the broker may take, milliseconds; 10,000 unless told. */
  readonly connectTimeoutMs?: number
}

export interface TBoxDeps {
  /** This node's end of the bus; it stays open when the T-BOX closes. */
  readonly bus: CanBus
  /** Business time: a command's expiry is judged on it. */
  readonly clock: Clock
  readonly log: EventLog
  readonly newId: () => string
  /** Runs the deadlines of the head unit's cycles; wall time unless told. */
  readonly schedule?: Schedule
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
/** Repetitions by QoS 1 come soon after; expiry stops those that come late. */
const REMEMBERED_COMMANDS = 1_000

type EventBody = Omit<VehicleEvent, 'id' | 'at'>

/** Without what is not known: the contract has no nulls. */
function correlated(command: VehicleCommand): Pick<VehicleEvent, 'commandId' | 'planId' | 'correlationId'> {
  const { id: commandId, planId, correlationId } = command
  return { commandId, planId, ...(correlationId === undefined ? {} : { correlationId }) }
}

/**
 * Starts the T-BOX (REQ-01, REQ-02): it takes the cloud's commands and brings plans to the head unit over the bus.
 * Resolves when it listens for commands.
 * @throws VehicleLinkUnavailable
 */
export async function startTBox(
  config: TBoxConfig,
  { bus, clock, log, newId, schedule = wallSchedule }: TBoxDeps,
): Promise<RunningParty> {
  const sender = new PlanSender(bus, busTiming(config.timing), log, schedule)
  const seen = new RecentAnswers<EventBody>(REMEMBERED_COMMANDS)
  let shownPlanId: string | undefined
  let work: Promise<void> = Promise.resolve()
  let link: VehicleLink | undefined
  let closed = false

  async function publish(body: EventBody): Promise<void> {
    if (closed || !link) return
    const event: VehicleEvent = { id: newId(), at: new Date(clock.now()).toISOString(), ...body }
    try {
      await link.publish(event)
      log.record('event-sent', { ...event }, body.correlationId)
    } catch (error) {
      log.record('event-not-sent', { type: body.type, reason: (error as Error).message }, body.correlationId)
    }
  }

  async function show(command: VehicleCommand): Promise<ShowOutcome | { readonly failed: 'unknown-plan' }> {
    const unlockStep = unlockStepOf(command.state, command.unlockStep)
    if (command.type === 'show-plan') {
      shownPlanId = undefined
      const { latitude, longitude } = command.location
      const outcome = await sender.show({ ...command, unlockStep, location: wgs84(latitude, longitude) })
      if ('shown' in outcome) shownPlanId = command.planId
      return outcome
    }
    if (command.planId !== shownPlanId) return { failed: 'unknown-plan' }
    return sender.update({ state: command.state, unlockStep })
  }

  /** @returns what the cloud is told */
  async function execute(command: VehicleCommand): Promise<EventBody> {
    const { id, type, expiresAt, correlationId, state } = command
    if (Date.parse(expiresAt) <= clock.now()) {
      log.record('command-refused', { id, type, reason: 'expired' }, correlationId)
      return { type: 'plan-failed', ...correlated(command), state, reason: 'expired' }
    }
    log.record('command-accepted', { id, type, state }, correlationId)
    const outcome = await show(command)
    if ('shown' in outcome) return { type: 'plan-shown', ...correlated(command), state }
    return { type: 'plan-failed', ...correlated(command), state, reason: outcome.failed }
  }

  async function executeAndAnswer(command: VehicleCommand): Promise<void> {
    if (closed) return
    const { id, type, correlationId } = command
    const answer = await execute(command).catch((error: unknown): EventBody => {
      log.record('command-failed', { id, type, reason: (error as Error).message }, correlationId)
      return { type: 'plan-failed', ...correlated(command), reason: 'internal-error' }
    })
    seen.answer(id, answer)
    await publish(answer)
  }

  /** One command after the other: a state belongs to the plan before it. */
  function accept(command: VehicleCommand): void {
    const { id, type, correlationId } = command
    if (seen.add(id)) {
      work = work.then(() => executeAndAnswer(command))
      return
    }
    log.record('command-refused', { id, type, reason: 'repeated' }, correlationId)
    // Its answer may have been lost. One that is under way has its own still to come.
    const answer = seen.answerTo(id)
    if (answer) void publish(answer)
  }

  async function open(): Promise<void> {
    const timeoutMs = config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS
    link = await openVehicleLink(config.vehicleId, config.broker, timeoutMs, log)
    link.onReconnected(() => void publish({ type: 'born' }))
    await link.listen(accept)
    await publish({ type: 'born' })
  }

  try {
    await open()
  } catch (error) {
    sender.close()
    await link?.close()
    throw error
  }
  log.record('t-box-started', { vehicleId: config.vehicleId })
  let closing: Promise<void> | undefined

  return {
    close() {
      closing ??= (async () => {
        closed = true
        sender.close()
        await work
        await link?.close()
      })()
      return closing
    },
  }
}
