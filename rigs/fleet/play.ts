import { monitorEventLoopDelay } from 'node:perf_hooks'
import { playJourney } from './journey.js'
import { arrivalGaps, wishOf, type FleetBay } from './load-model.js'
import { CARDS, curveOf, latencyOf } from './fleet-tally.js'
import type { FleetFigures, FleetProgress } from './fleet-messages.js'
import type { PlayedFleet } from './played-fleet.js'
import type { PlayedPhone } from './played-phone.js'

interface Arrival {
  readonly journey: number
  /** When the load model had it come, milliseconds of `performance.now()`. */
  readonly at: number
}

/** Ends after which a user may still have a reservation that nobody knows of. */
const UNSURE = new Set(['account-unavailable', 'bay-not-of-the-fleet', 'expired-code'])

/** Plays a fleet: an open loop, in which wishes come up whether or not the parties keep up with them. */
export class Play {
  readonly #idle: PlayedPhone[]
  readonly #queue: Arrival[] = []
  readonly #wished = new Set<string>()
  #underWay = 0
  /** Journeys under way, and users who give up what a journey may have left. */
  #engaged = 0
  #endedInTime = 0
  #stopped = false
  #wake: (() => void) | undefined
  #settle: (() => void) | undefined

  constructor(private readonly fleet: PlayedFleet) {
    this.#idle = [...fleet.phones]
  }

  get progress(): FleetProgress {
    const { tally } = this.fleet
    return {
      offered: tally.offered,
      underWay: this.#underWay,
      ended: tally.ended,
      waitingForUser: this.#queue.length,
    }
  }

  /** No more wishes; what is under way goes on. */
  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  /** Resolves when wishes have come up for the plan's seconds, or until `stop`, and the last journey has ended. */
  async run(): Promise<FleetFigures> {
    const { plan, tally, ledger, faults } = this.fleet
    const delay = monitorEventLoopDelay({ resolution: 10 })
    delay.enable()
    const from = performance.now()
    const half = { offered: 0, ended: 0 }
    const atHalf = setTimeout(
      () => Object.assign(half, { offered: tally.offered, ended: tally.ended }),
      plan.seconds * 500,
    )
    await this.#arrivals(from, from + plan.seconds * 1_000)
    clearTimeout(atHalf)
    const offeredMs = performance.now() - from
    this.#endedInTime = tally.ended
    // Whoever found no user free until now has been turned away.
    for (const _arrival of this.#queue.splice(0)) tally.end({ kind: 'refused', reason: 'no-user-free' })
    if (this.#engaged > 0) await new Promise<void>((resolve) => (this.#settle = resolve))
    delay.disable()
    const perMinute = (count: number) => Math.round((count / offeredMs) * 600_000) / 10
    const { cards, codes } = tally
    return {
      journeys: tally.counts(),
      offeredSeconds: Math.round(offeredMs / 100) / 10,
      playedSeconds: Math.round((performance.now() - from) / 100) / 10,
      offeredPerMinute: perMinute(tally.offered),
      achievedPerMinute: perMinute(this.#endedInTime),
      wishToCode: latencyOf(codes),
      changeToCard: {
        accepted: latencyOf(cards.accepted),
        unlocked: latencyOf(cards.unlocked),
        parked: latencyOf(cards.parked),
        completed: latencyOf(cards.completed),
        all: latencyOf(CARDS.flatMap((card) => cards[card])),
      },
      secondHalf: { offered: tally.offered - half.offered, ended: this.#endedInTime - half.ended },
      curves: { wishToCode: curveOf(codes), changeToCard: curveOf(CARDS.flatMap((card) => cards[card])) },
      breaches: { count: ledger.breachCount, first: ledger.breaches },
      linkFaults: faults,
      ownDelayP99Ms: Math.round(delay.percentile(99) / 1e5) / 10,
    }
  }

  async #arrivals(from: number, until: number): Promise<void> {
    const gaps = arrivalGaps(this.fleet.plan.model)
    let at = from + gaps.next().value
    for (let journey = 1; at < until && !this.#stopped; journey++) {
      await this.#pause(at - performance.now())
      if (this.#stopped) return
      this.fleet.tally.offered++
      this.#queue.push({ journey, at })
      this.#begin()
      at += gaps.next().value
    }
    if (!this.#stopped) await this.#pause(until - performance.now())
  }

  #pause(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #begin(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const arrival = this.#queue.shift()
      const phone = this.#idle.shift()
      if (arrival && phone) void this.#journey(arrival, phone)
    }
  }

  async #journey({ journey, at }: Arrival, phone: PlayedPhone): Promise<void> {
    const { fleet } = this
    const { plan, locks, diary, ledger, tally } = fleet
    const isTaken = ({ bayId }: FleetBay) =>
      this.#wished.has(bayId) || ledger.isHeld(bayId) || locks.get(bayId)?.reservation !== undefined
    const wish = wishOf(journey, plan.model, plan.bays, isTaken)
    const wished = wish.kind === 'bay' ? wish.bayId : undefined
    if (wished !== undefined) this.#wished.add(wished)
    this.#underWay++
    this.#engaged++
    tally.started++
    const patienceMs = plan.patienceSeconds * 1_000
    const end = await playJourney(wish, phone, at, { locks, diary, ledger, tally, patienceMs })
    if (wished !== undefined) this.#wished.delete(wished)
    tally.end(end)
    this.#underWay--
    // A user who may still hold something is asked to give it back, and else does not come again.
    const isFree = end.kind === 'refused' && UNSURE.has(end.reason) ? await givesUp(phone, patienceMs) : true
    if (end.kind !== 'stuck' && isFree) this.#idle.push(phone)
    this.#engaged--
    if (!this.#stopped) this.#begin()
    if (this.#engaged === 0) this.#settle?.()
  }
}

/** @returns whether the account says that nothing is reserved any more */
async function givesUp(phone: PlayedPhone, patienceMs: number): Promise<boolean> {
  try {
    await phone.begin()
    await phone.writes('取消')
    const heard = await phone.hears(
      ({ what }) => what === 'cancelled' || what === 'nothing-reserved',
      patienceMs,
    )
    return heard !== undefined
  } catch {
    return false // the phone's line is down: the user does not come again
  } finally {
    phone.end()
  }
}
