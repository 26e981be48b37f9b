import { randomInt, randomUUID } from 'node:crypto'
import { startCloud } from '../../../reference/cloud/cloud.js'
import { startPlatform } from '../../../reference/platform/platform.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { startWeChatPlatform } from '../../../reference/wechat/wechat.js'
import { PhoneLine } from '../../bench/people/phone-line.js'
import { serveVehicle } from '../../bench/parties/serve-vehicle.js'
import { Closing } from '../../bench/stage/closing.js'
import { startEmbeddedBroker } from '../../drivers/embedded-broker/embedded-broker.js'
import { openLibsqlStore } from '../../drivers/libsql/libsql-store.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'
import { seededRandom } from '../../simulated/seeded-random.js'
import { Balancer, type Passed } from '../cluster/balancer.js'
import { ClusterLock } from '../cluster/cluster-lock.js'
import { brokerCredentials, clusterBays, SECRETS, VEHICLE } from '../cluster/cluster-settings.js'
import { openFaultyBridge } from './faulty-bridge.js'
import { LinkFaults } from './link-faults.js'

/** The links between two parties, and the wires that each has. */
export const LINKS = {
  'phone–WeChat': ['phone'],
  'WeChat–cloud': ['push', 'wechat'],
  'cloud–platform': ['platform', 'webhook'],
  'platform–lock': ['locks'],
  'cloud–T-BOX': ['vehicles'],
} as const
export type LinkName = keyof typeof LINKS

const HTTP_WIRES = ['phone', 'push', 'wechat', 'platform', 'webhook'] as const
const HOLD_SECONDS = 900
const NO_SHOW_SECONDS = 1_800
/** A call whose answer was lost is soon given up, wall milliseconds. */
const CALL_MS = 1_500

/** All parties in one process, with a link that does its worst between two of them. */
export interface FaultyWorld {
  readonly lock: ClusterLock
  readonly phones: PhoneLine
  readonly store: SqlStore
  readonly cloudStore: SqlStore
  readonly passed: Passed[]
  readonly faults: readonly LinkFaults[]
  /** The link is whole from now on, and holds and waits for vehicles have run out. */
  heal(): Promise<void>
  runOut(): void
  close(): Promise<void>
}

export async function openFaultyWorld(link: LinkName, seed: number): Promise<FaultyWorld> {
  const closing = new Closing()
  try {
    return await open(link, seed, closing)
  } catch (error) {
    await closing.close().catch(() => undefined)
    throw error
  }
}

async function open(link: LinkName, seed: number, closing: Closing): Promise<FaultyWorld> {
  const clock = new ManualClock(Date.parse('2026-03-01T08:00:00Z'))
  const random = seededRandom(seed)
  const faulty = new Map<string, LinkFaults>(LINKS[link].map((wire) => [wire, new LinkFaults(random)]))
  const whole = new LinkFaults(random)
  whole.heal()
  const [bay] = clusterBays(1)
  if (!bay) throw new Error('there is no bay')
  const memory = async () => closing.add(await openLibsqlStore('libsql::memory:'))
  const [store, cloudStore, wechatStore] = [await memory(), await memory(), await memory()]
  const passed: Passed[] = []
  const targets: Partial<Record<(typeof HTTP_WIRES)[number], readonly string[]>> = {}
  const urls = {} as Record<(typeof HTTP_WIRES)[number], string>
  for (const wire of HTTP_WIRES) {
    const faults = faulty.get(wire)
    const balancer = await Balancer.open({
      wire,
      targets: () => targets[wire] ?? [],
      onMessage: () => undefined,
      onPassed: (message) => void passed.push(message),
      ...(faults && { faults }),
    })
    urls[wire] = closing.add(balancer).url
  }
  const credentials = [
    ...brokerCredentials([bay]),
    {
      username: 'bridge',
      password: 'secret of bridge',
      publish: ['locks/#', 'vehicles/#'],
      subscribe: ['locks/#', 'vehicles/#'],
    },
  ]
  const newBroker = async () =>
    closing.add(await startEmbeddedBroker({ host: '127.0.0.1', port: 0, credentials }))
  const [above, below] = [await newBroker(), await newBroker()]
  const access = (url: string, username: string) => ({ url, username, password: `secret of ${username}` })
  const bridge = closing.add(
    await openFaultyBridge(
      access(above.url, 'bridge'),
      access(below.url, 'bridge'),
      (topic) => faulty.get(topic.split('/')[0] ?? '') ?? whole,
      () => undefined,
    ),
  )
  const silent = { record: () => undefined }
  const deps = { clock, log: silent, newId: randomUUID, random: (limit: number) => randomInt(limit) }
  const local = { host: '127.0.0.1', port: 0 }
  const wechat = closing.add(
    await startWeChatPlatform(
      {
        ...local,
        controlToken: SECRETS.controlToken,
        pushTimeoutMs: 2 * CALL_MS,
        accounts: [
          {
            appId: SECRETS.appId,
            secret: SECRETS.appSecret,
            token: SECRETS.wechatToken,
            originalId: SECRETS.originalId,
            callbackUrl: `${urls.push}/wechat`,
          },
        ],
      },
      { ...deps, store: wechatStore },
    ),
  )
  Object.assign(targets, { phone: [wechat.url], wechat: [wechat.url] })
  const platform = closing.add(
    await startPlatform(
      {
        ...local,
        cloudToken: SECRETS.cloudToken,
        operatorToken: SECRETS.operatorToken,
        broker: access(above.url, 'platform'),
        webhook: {
          url: `${urls.webhook}/platform/events`,
          secret: SECRETS.webhookSecret,
          timeoutMs: CALL_MS,
          firstRetryMs: 20,
          longestRetryMs: 100,
        },
        inventory: [{ ...bay, label: bay.bayId, pricePerHourFen: 600 }],
        holdSeconds: HOLD_SECONDS,
        noShowSeconds: NO_SHOW_SECONDS,
        commandTtlSeconds: 60,
      },
      { ...deps, store },
    ),
  )
  targets.platform = [platform.url]
  const cloud = closing.add(
    await startCloud(
      {
        ...local,
        wechat: {
          apiUrl: urls.wechat,
          appId: SECRETS.appId,
          secret: SECRETS.appSecret,
          token: SECRETS.wechatToken,
          timeoutMs: CALL_MS,
        },
        platform: {
          url: urls.platform,
          token: SECRETS.cloudToken,
          webhookSecret: SECRETS.webhookSecret,
          timeoutMs: CALL_MS,
        },
        broker: access(above.url, 'cloud'),
        holdSeconds: HOLD_SECONDS,
        mapDatum: 'GCJ-02',
      },
      { ...deps, store: cloudStore },
    ),
  )
  Object.assign(targets, { push: [cloud.url], webhook: [cloud.url] })
  const lock = closing.add(
    await ClusterLock.open(
      bay.bayId,
      bay.lockId,
      bay.location,
      access(below.url, bay.lockId),
      () => undefined,
      clock,
    ),
  )
  closing.add(
    await serveVehicle(
      { vehicleId: VEHICLE, broker: access(below.url, VEHICLE), headUnit: true },
      { clock, log: () => silent },
    ),
  )
  return {
    lock,
    phones: new PhoneLine(urls.phone, SECRETS.appId, SECRETS.controlToken),
    store,
    cloudStore,
    passed,
    faults: [...faulty.values()],
    heal: async () => {
      for (const each of faulty.values()) each.heal()
      await bridge.heal()
    },
    runOut: () => clock.advance((HOLD_SECONDS + NO_SHOW_SECONDS) * 1_000),
    close: () => closing.close(),
  }
}
