import { randomUUID } from 'node:crypto'
import { PhoneLine } from '../bench/people/phone-line.js'
import { BayLedger } from './bay-ledger.js'
import { eachOf } from './each-of.js'
import type { FleetPlan } from './fleet-plan.js'
import { FleetTally } from './fleet-tally.js'
import { Diary } from './lock-diary.js'
import { requireOpenFiles } from './open-files.js'
import { PlayedLock } from './played-lock.js'
import type { PlayedLockDeps } from './played-lock-config.js'
import { PlayedPhone } from './played-phone.js'
import { PlayedVehicle } from './played-vehicle.js'

/** Connections that are being made at a time: a broker that is flooded with them refuses some. */
const AT_A_TIME = 50
/** With so many before it, a connection may take long. */
const CONNECT_TIMEOUT_MS = 60_000
const MOST_FAULTS_KEPT = 20

/** The locks, cars and phones of a fleet, connected. */
export class PlayedFleet {
  readonly ledger = new BayLedger()
  readonly tally = new FleetTally()
  readonly diary = new Diary()
  readonly locks = new Map<string, PlayedLock>()
  readonly vehicles: PlayedVehicle[] = []
  readonly phones: PlayedPhone[] = []
  readonly faults: { count: number; first: string[] } = { count: 0, first: [] }

  private constructor(readonly plan: FleetPlan) {}

  /**
   * Brings all of them up, a few at a time.
   * @param onProgress is told how many there are
   * @param lockDeps for tests: what is wrong with a lock, by its bay
   * @throws TooFewOpenFiles, BrokerRefused, VehicleLinkUnavailable, PhoneRefused
   */
  static async connect(
    plan: FleetPlan,
    onProgress: (counts: { locks: number; vehicles: number; users: number }) => void,
    lockDeps: (bayId: string) => Partial<PlayedLockDeps> = () => ({}),
  ): Promise<PlayedFleet> {
    requireOpenFiles(plan.locks.length + plan.vehicles.length + 2 * plan.users)
    const fleet = new PlayedFleet(plan)
    const tell = () =>
      onProgress({ locks: fleet.locks.size, vehicles: fleet.vehicles.length, users: fleet.phones.length })
    try {
      await eachOf(plan.bays, AT_A_TIME, async (_bay, n) => {
        await fleet.#openLock(n, lockDeps)
        tell()
      })
      await eachOf(plan.vehicles, AT_A_TIME, async (access) => {
        fleet.vehicles.push(
          await PlayedVehicle.start(access.username, access, CONNECT_TIMEOUT_MS, fleet.#deps()),
        )
        tell()
      })
      const { url, appId, controlToken } = plan.phone
      const line = new PhoneLine(url, appId, controlToken)
      // Every follow is a push to the account, which greets the user: not all at once.
      await eachOf(Array.from({ length: plan.users }), AT_A_TIME / 10, async (_user, n) => {
        fleet.phones.push(await PlayedPhone.join(line, plan.vehicles[n]?.username))
        tell()
      })
      await line.settled()
    } catch (error) {
      await fleet.close()
      throw error
    }
    return fleet
  }

  async close(): Promise<void> {
    for (const phone of this.phones) phone.end()
    await eachOf([...this.locks.values()], AT_A_TIME, (lock) => lock.close())
    await eachOf(this.vehicles, AT_A_TIME, (vehicle) => vehicle.close())
  }

  #deps() {
    return { now: () => Date.now(), newId: randomUUID, onFault: (error: unknown) => this.#fault(error) }
  }

  async #openLock(n: number, lockDeps: (bayId: string) => Partial<PlayedLockDeps>): Promise<void> {
    const { bays, locks, fixSeconds, travelMs, leaveMs } = this.plan
    const bay = bays[n]
    const broker = locks[n]
    if (!bay || !broker) throw new Error(`the plan has no credential for lock no. ${n + 1}`)
    const { bayId, lockId, location } = bay
    const lock = await PlayedLock.start(
      {
        lockId,
        bayId,
        location,
        broker,
        travelMs,
        leaveMs,
        fixIntervalMs: fixSeconds * 1_000,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
      },
      { ...this.#deps(), onEvent: (event) => this.diary.note(lockId, event), ...lockDeps(bayId) },
    )
    this.locks.set(bayId, lock)
  }

  #fault(error: unknown): void {
    this.faults.count++
    if (this.faults.first.length < MOST_FAULTS_KEPT) {
      this.faults.first.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    }
  }
}
