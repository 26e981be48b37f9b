import { createUnlockCode } from '../../reference/domain/unlock-code.js'
import { wgs84, wgs84ToGcj02 } from '../../reference/domain/coordinates.js'
import type { BayLedger } from './bay-ledger.js'
import type { Said } from './account-words.js'
import { readCode } from './code-reader.js'
import type { Card, FleetTally, JourneyEnd } from './fleet-tally.js'
import type { Diary } from './lock-diary.js'
import type { PlayedLock } from './played-lock.js'
import type { PlayedPhone } from './played-phone.js'
import type { Wish } from './load-model.js'

/** What all journeys of a fleet share. */
export interface JourneyWorld {
  readonly locks: ReadonlyMap<string, PlayedLock>
  readonly diary: Diary
  readonly ledger: BayLedger
  readonly tally: FleetTally
  /** How long a user waits for anything, wall milliseconds. */
  readonly patienceMs: number
}

/** Thrown inside a journey to end it. */
class Ended extends Error {
  override readonly name = 'Ended'
  constructor(readonly end: JourneyEnd) {
    super(end.kind)
  }
}

const stuck = (where: string) => new Ended({ kind: 'stuck', where })
const refused = (reason: string) => new Ended({ kind: 'refused', reason })
const isAboutTheWay = ({ what }: Said) => what !== 'cancelled' && what !== 'completed'
const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/**
 * One user's way: wish, plan, reservation, code, the lock, the stay, the way out; or a change of mind.
 * @param arrivedAt when the wish came up, by the load model: what the user waits for counts from there
 * @returns how it ended; never rejects
 */
export async function playJourney(
  wish: Wish,
  phone: PlayedPhone,
  arrivedAt: number,
  world: JourneyWorld,
): Promise<JourneyEnd> {
  const journey = new Journey(wish, phone, arrivedAt, world)
  try {
    await phone.begin()
    return await journey.play()
  } catch (error) {
    if (error instanceof Ended) return error.end
    return { kind: 'stuck', where: `phone: ${error instanceof Error ? error.message : String(error)}` }
  } finally {
    journey.close()
  }
}

class Journey {
  #bayId: string | undefined

  constructor(
    private readonly wish: Wish,
    private readonly phone: PlayedPhone,
    private readonly arrivedAt: number,
    private readonly world: JourneyWorld,
  ) {}

  async play(): Promise<JourneyEnd> {
    const { wish, world } = this
    await this.#ask()
    const { bayId, lock, code } = await this.#code()
    world.ledger.claim(wish.journey, bayId, code)
    await pass(wish.driveMs)
    if (wish.cancels) return this.#cancel(bayId)
    await this.#open(lock, code)
    lock.setVehicle(true)
    await pass(wish.stayMs)
    lock.setVehicle(false)
    // The user is gone: from here on the bay may be anybody's.
    world.ledger.release(wish.journey, bayId)
    if (!(await lock.until(({ bolt }) => bolt === 'up', world.patienceMs))) throw stuck('bolt never up again')
    if (lock.isShown(code) === 'fresh') world.ledger.opened(bayId, code)
    let asked = false
    for (const card of ['unlocked', 'parked', 'completed'] as const) {
      if (!(await this.#card(card, bayId, asked ? 0 : world.patienceMs))) {
        asked ||= await this.#hearsOfTheEnd(card)
      }
    }
    return { kind: 'completed', asked }
  }

  close(): void {
    this.phone.end()
    if (this.#bayId !== undefined) this.world.ledger.release(this.wish.journey, this.#bayId)
  }

  async #ask(): Promise<void> {
    const { wish } = this
    if (wish.kind === 'bay') return this.phone.writes(`预约 ${wish.bayId}`)
    if (wish.kind === 'place') return this.phone.writes(wish.place)
    const { latitude, longitude } = wish.location
    await this.phone.sends(wgs84ToGcj02(wgs84(latitude, longitude)), '我的位置')
  }

  /** Until the code's picture is here, and read. */
  async #code(): Promise<{ bayId: string; lock: PlayedLock; code: string }> {
    const { phone } = this
    let until = performance.now() + this.world.patienceMs
    let asked = false
    let unavailable = false
    let picture: string | undefined
    for (;;) {
      if (picture !== undefined && this.#bayId !== undefined) return this.#read(this.#bayId, picture)
      const heard = await phone.hears(isAboutTheWay, until - performance.now())
      if (!heard) {
        if (phone.failure !== undefined) throw stuck('phone line failed')
        if (asked) throw unavailable ? refused('account-unavailable') : stuck('no code')
        // Who hears nothing asks, once.
        asked = true
        until = performance.now() + this.world.patienceMs
        await phone.writes('我的码')
        continue
      }
      const { said, at } = heard
      switch (said.what) {
        case 'reserved':
        case 'accepted':
          this.#bayId = said.bay
          if (said.what === 'accepted') this.#sample('accepted', said.bay, at)
          break
        case 'code':
          if (picture === undefined) this.world.tally.codes.push(at - this.arrivedAt)
          picture = said.mediaId
          break
        case 'nothing-reserved':
          throw refused(unavailable ? 'account-unavailable' : 'not-reserved')
        case 'refused':
          // WeChat has given up on the account's answer; what was asked may have been done all the same.
          if (said.reason !== 'account-unavailable') throw refused(said.reason)
          unavailable = true
          break
        default:
        // The rest is told later, or means that it takes a while.
      }
    }
  }

  async #read(bayId: string, mediaId: string): Promise<{ bayId: string; lock: PlayedLock; code: string }> {
    const lock = this.world.locks.get(bayId)
    if (!lock) throw refused('bay-not-of-the-fleet')
    const code = await readCode(await this.phone.picture(mediaId))
    if (code === undefined) throw stuck('code unreadable')
    return { bayId, lock, code }
  }

  async #cancel(bayId: string): Promise<JourneyEnd> {
    const { world, wish, phone } = this
    world.ledger.release(wish.journey, bayId)
    await phone.writes('取消')
    const heard = await phone.hears(
      ({ what }) => what === 'cancelled' || what === 'refused' || what === 'nothing-reserved',
      world.patienceMs,
    )
    if (!heard) throw stuck('cancellation never confirmed')
    return heard.said.what === 'refused'
      ? { kind: 'refused', reason: heard.said.reason }
      : { kind: 'cancelled' }
  }

  async #open(lock: PlayedLock, code: string): Promise<void> {
    const { wish, world } = this
    const { bayId } = lock.config
    const isHere = await lock.until(({ reservation }) => reservation?.state === 'coded', world.patienceMs)
    if (!isHere) throw stuck('lock never had the code')
    if (wish.showsForeignCode) {
      const foreign = createUnlockCode((limit) => Math.floor(wish.random() * limit))
      if (lock.isShown(foreign) === 'fresh') world.ledger.opened(bayId, foreign)
    }
    const verdict = lock.isShown(code)
    if (verdict === 'expired') throw refused('expired-code')
    if (verdict !== 'fresh') throw stuck(`${verdict} code`)
    world.ledger.opened(bayId, code)
    if (!(await lock.until(({ bolt }) => bolt === 'down', world.patienceMs))) throw stuck('bolt never down')
  }

  /** @returns whether the message has come */
  async #card(card: Card, bayId: string, deadlineMs: number): Promise<boolean> {
    const heard = await this.phone.hears(({ what }) => what === card, deadlineMs)
    if (!heard) return false
    this.#sample(card, bayId, heard.at)
    return true
  }

  /** A user who hears nothing asks, once. */
  async #hearsOfTheEnd(card: Card): Promise<true> {
    await this.phone.writes('我的码')
    const heard = await this.phone.hears(({ what }) => what === 'nothing-reserved', this.world.patienceMs)
    if (!heard) throw stuck(`never told that it is ${card}`)
    return true
  }

  #sample(card: Card, bayId: string, at: number): void {
    const lockId = this.world.locks.get(bayId)?.config.lockId
    const changed = lockId === undefined ? undefined : this.world.diary.of(lockId)[card]
    if (changed !== undefined) this.world.tally.cards[card].push(at - changed)
  }
}
