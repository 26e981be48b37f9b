import { randomInt, randomUUID } from 'node:crypto'
import { connectAsync, type MqttClient } from 'mqtt'
import { LiveSpaces } from '../../../reference/cloud/live-spaces.js'
import { PlatformClient } from '../../../reference/cloud/platform-client.js'
import { gcj02, wgs84, wgs84ToGcj02 } from '../../../reference/domain/coordinates.js'
import { DEFAULT_PLANNING_LIMITS, type PlanningLimits } from '../../../reference/domain/parking-plan.js'
import { startPlatform } from '../../../reference/platform/platform.js'
import type { InventoryItem } from '../../../reference/contracts/platform-api.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { lockTopics, type LockStatus } from '../../../reference/contracts/lock-link.js'
import { Inbox } from '../inbox.js'
import { startEmbeddedBroker } from '../../drivers/embedded-broker/embedded-broker.js'
import { systemClock } from '../../drivers/system-clock/system-clock.js'
import { seededRandom } from '../../simulated/seeded-random.js'

/** A town of some 20 km by 20 km around Guomao, whatever the number of its bays. */
const TOWN = { south: 39.82, west: 116.34, degrees: 0.18 }
const CLOUD_TOKEN = 'the-cloud-s-token'
const ANSWER_MS = 60_000

function bays(count: number, random: () => number): InventoryItem[] {
  return Array.from({ length: count }, (_, i) => ({
    bayId: `B-${i}`,
    label: `bay ${i}`,
    lockId: `L-${i}`,
    location: {
      latitude: TOWN.south + random() * TOWN.degrees,
      longitude: TOWN.west + random() * TOWN.degrees,
    },
    pricePerHourFen: 300 + 100 * Math.floor(random() * 10),
    ...(random() < 0.2 && { charger: { kind: random() < 0.5 ? 'ac' : 'dc', powerKilowatts: 60 } as const }),
  }))
}

/** The wishes of the users, one after the other. */
const WISHES: readonly PlanningLimits[] = [
  DEFAULT_PLANNING_LIMITS,
  { maxWalkMetres: 500 },
  { maxWalkMetres: 1_500, maxPricePerHourFen: 600 },
  {
    maxWalkMetres: 1_500,
    charger: 'dc',
    vehicle: { lengthMetres: 4.9, widthMetres: 1.9, heightMetres: 1.7 },
  },
]

/** A cloud's planner beside a platform of many spaces, over the wire between them. */
export class PlanningRig {
  #asked = 0
  readonly #occupied = new Set<string>()

  private constructor(
    private readonly spaces: LiveSpaces,
    private readonly town: MqttClient,
    private readonly told: Inbox<unknown>,
    private readonly inventory: readonly InventoryItem[],
    private readonly random: () => number,
    readonly close: () => Promise<void>,
  ) {}

  /** @param store is closed by its owner, after the rig */
  static async start(store: SqlStore, count: number, seed: number): Promise<PlanningRig> {
    const random = seededRandom(seed)
    const inventory = bays(count, random)
    const broker = await startEmbeddedBroker({
      host: '127.0.0.1',
      port: 0,
      credentials: [
        { username: 'platform', password: 'p', publish: ['locks/+/commands'], subscribe: ['locks/#'] },
        // All locks of the town in one: what is measured is not the broker.
        { username: 'town', password: 'p', publish: ['locks/+/status'], subscribe: [] },
      ],
    })
    const town = await connectAsync(broker.url, { username: 'town', password: 'p' })
    const told = new Inbox<unknown>('the town')
    const platform = await startPlatform(
      {
        host: '127.0.0.1',
        port: 0,
        cloudToken: CLOUD_TOKEN,
        operatorToken: 'the-operator-s-token',
        broker: { url: broker.url, username: 'platform', password: 'p' },
        // Nobody is there: nothing of a plan waits for it.
        webhook: { url: 'http://127.0.0.1:9/platform/events', secret: 's', firstRetryMs: 60_000 },
        inventory,
        holdSeconds: 900,
        commandTtlSeconds: 30,
      },
      {
        clock: systemClock,
        store,
        random: randomInt,
        newId: randomUUID,
        log: { record: (event, fields) => event === 'bay-occupancy' && told.push(fields?.['bayId']) },
      },
    )
    await store.execute(
      `UPDATE platform_bays SET lock_online = 1, bolt = 'up', occupancy = 'free', boot_count = 1`,
    )
    const client = new PlatformClient({ url: platform.url, token: CLOUD_TOKEN, timeoutMs: ANSWER_MS })
    return new PlanningRig(new LiveSpaces(client), town, told, inventory, random, async () => {
      await town.endAsync()
      await platform.close()
      await broker.close()
    })
  }

  /** Reads every space, as a cloud does when it starts. */
  async readAhead(): Promise<void> {
    await this.spaces.now('bench')
  }

  /** Plans for a place somewhere in the town, by what the platform knows at that moment. @returns whether there is a plan */
  async plan(): Promise<boolean> {
    const place = wgs84(TOWN.south + this.random() * TOWN.degrees, TOWN.west + this.random() * TOWN.degrees)
    const { latitude, longitude } = wgs84ToGcj02(place)
    const { index } = await this.spaces.now('bench')
    const wishes = WISHES[this.#asked++ % WISHES.length] ?? DEFAULT_PLANNING_LIMITS
    return 'plan' in index.plan(gcj02(latitude, longitude), wishes)
  }

  /** A vehicle drives into a bay or out of it; resolves once the platform knows. The next plan has to. */
  async change(): Promise<void> {
    const item = this.inventory[Math.floor(this.random() * this.inventory.length)]
    if (!item) return
    const occupied = !this.#occupied.has(item.bayId)
    if (occupied) this.#occupied.add(item.bayId)
    else this.#occupied.delete(item.bayId)
    const status: LockStatus = { online: true, bolt: 'up', bootCount: 1, occupied }
    const taken = this.told.next((bay) => bay === item.bayId)
    await this.town.publishAsync(lockTopics.status(item.lockId), JSON.stringify(status), { qos: 1 })
    await taken
  }
}
