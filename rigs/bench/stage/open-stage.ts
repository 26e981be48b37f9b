import { bayId, lockId } from '../../../reference/domain/identifiers.js'
import type { BenchParts } from '../bench-parts.js'
import { alertMark } from '../external/alert-mark.js'
import { externalParties, leadExternalClocks, reach } from '../external/external-parties.js'
import { KnownPlatform } from '../external/known-platform.js'
import { freshStore } from '../parties/fresh-store.js'
import { openCloud } from '../parties/open-cloud.js'
import { openPlatform } from '../parties/open-platform.js'
import { openWeChat } from '../parties/open-wechat.js'
import { production, type PartyRuntime } from '../parties/party-runtime.js'
import { PhoneLine } from '../people/phone-line.js'
import { PlatformClient } from '../people/platform-client.js'
import type { PushMode } from '../profile-schema.js'
import type { ContractWatch } from '../wires/contract-watch.js'
import { openApiContract, openHttpWire } from '../wires/http-wire.js'
import { pushContract, type PushProtection } from '../wires/push-contract.js'
import { webhookContract } from '../wires/webhook-contract.js'
import type { HttpTap } from '../wires/http-tap.js'
import { openCar } from './open-car.js'
import { Closing } from './closing.js'
import { startPartyProcess } from './party-process.js'
import { LockStation } from './lock-station.js'
import { openNeighbours } from './neighbours.js'
import { PartyWires } from './party-wires.js'
import { serviceAccount } from './service-account.js'
import { THROTTLE_WINDOW_MS } from './guess-pause.js'
import { HOLD_SECONDS, Stage, UNLOCK_GRACE_SECONDS } from './stage.js'

export interface StageOptions {
  /** `external-process`: the cloud runs as a process of its own and is reached like any user's cloud. */
  readonly cloud?: 'reference' | 'external-process'
  /** How WeChat encrypts its pushes; the profile's mode when not given. */
  readonly pushMode?: PushMode
}

/** The URLs of a stage, for people and for parties that are not Lockstep's. */
export interface StageUrls {
  readonly wechatApi: string
  readonly platform: string
  readonly cloudPush: string
  readonly cloudWebhook: string
  readonly phone: string
  readonly broker: string
  /** Where no wire of the bench listens in: for guests, whose phones are nobody's evidence. */
  readonly untapped: { readonly phone: string; readonly platform: string }
}

export interface OpenStage {
  readonly stage: Stage
  readonly urls: StageUrls
  /**
   * The same parties for the next scenario: what the last one reserved is ended, the bolt goes to its baseline.
   * @returns a stage without drivers
   */
  renew(): Promise<Stage>
  /** The head unit's picture now, PNG. */
  headUnitPicture(): Buffer
  /** The CAN log of this stage, in candump's format. */
  canLog(): string
  close(): Promise<void>
}

type Taps = Readonly<Record<'phone' | 'push' | 'api' | 'platform' | 'webhook', HttpTap>>

/** How long the platform waits for the lock's answer to an operator, wall milliseconds: travel included. */
const LOCK_ANSWER_MS = 20_000

/**
 * Starts the parties of one scenario on the bench, with clean stores, each on its own wires, and brings the lock to
 * its baseline. Parties that the profile calls external are reached where they are.
 */
export async function openStage(
  bench: BenchParts,
  watch: ContractWatch,
  options: StageOptions,
): Promise<OpenStage> {
  const closing = new Closing()
  try {
    return await open(bench, watch, options, closing)
  } catch (error) {
    await closing.close().catch(() => undefined) // the first error is the one that counts
    throw error
  }
}

async function open(
  bench: BenchParts,
  watch: ContractWatch,
  options: StageOptions,
  closing: Closing,
): Promise<OpenStage> {
  const { profile, secrets, clock, wires } = bench
  // Before time moves: a party that follows later would hear a lock that speaks from the future.
  for (const end of await leadExternalClocks(profile, clock)) closing.addEnd(end)
  // The lock's storage outlives a scenario: its throttle must not, else one guesser would close it to the next driver.
  if (clock.isMovable) await clock.advance(THROTTLE_WINDOW_MS)
  else if (!bench.hasGuests) await bench.guesses.over()
  const runtime: PartyRuntime = {
    clock,
    log: (party) => (bench.hasGuests ? { record: () => undefined } : bench.timeline.eventLog(party)),
  }
  const account = serviceAccount(profile, secrets, options.pushMode)
  const taps = await openTaps(bench, watch, account.protection, closing)
  const storeUrl = (party: string) => {
    const store = freshStore(bench.storeUrl, party, bench.newFolder())
    closing.addEnd(() => store.remove())
    return store.url
  }

  const inProcess = profile.processes === 'one'
  const wechatConfig = {
    host: '127.0.0.1',
    port: 0,
    controlToken: secrets.controlToken,
    accounts: [account.atWeChat(`${taps.push.url}/wechat`)],
  }
  // Not the product's: the mock keeps its own state as it always does.
  const wechatStore = bench.accountStoreUrl ?? freshStore('libsql:', 'wechat', bench.newFolder()).url
  const openTheWeChat = async () =>
    closing.add(
      inProcess
        ? await openWeChat(wechatConfig, wechatStore, runtime)
        : await startPartyProcess('wechat', 'wechat', wechatConfig, wechatStore, bench),
    )
  const { platform: externalPlatform, cloud: externalCloud } = Object.fromEntries(externalParties(profile))
  const platformConfig = {
    host: '127.0.0.1',
    port: 0,
    cloudToken: secrets.cloudToken,
    operatorToken: secrets.operatorToken,
    broker: bench.brokerAccess('platform'),
    webhook: { url: `${taps.webhook.url}/platform/events`, secret: secrets.webhookSecret },
    inventory: profile.bays.map(({ lock: _lock, onMap: _onMap, ...bay }) => bay),
    holdSeconds: HOLD_SECONDS,
    unlockGraceSeconds: UNLOCK_GRACE_SECONDS,
    commandTtlSeconds: 60,
    lockAnswerTimeoutMs: LOCK_ANSWER_MS,
  }
  const openThePlatform = async (): Promise<{ url: string }> => {
    if (externalPlatform) return { url: await reach('the external platform', externalPlatform.external) }
    const store = storeUrl('platform')
    if (inProcess) return closing.add(await openPlatform(platformConfig, store, runtime))
    return closing.add(await startPartyProcess('platform', 'platform', platformConfig, store, bench))
  }
  const [wechat, platform] = await afterAll([openTheWeChat(), openThePlatform()])
  taps.phone.connect(wechat.url)
  taps.api.connect(wechat.url)
  taps.platform.connect(platform.url)

  const cloudConfig = {
    host: '127.0.0.1',
    port: 0,
    wechat: account.atCloud(taps.api.url),
    platform: { url: taps.platform.url, token: secrets.cloudToken, webhookSecret: secrets.webhookSecret },
    broker: bench.brokerAccess('cloud'),
    holdSeconds: HOLD_SECONDS,
    mapDatum: 'GCJ-02' as const,
  }
  const openTheCloud = async (): Promise<{ url: string }> => {
    if (externalCloud) return { url: await reach('the external cloud', externalCloud.external) }
    const store = storeUrl('cloud')
    if (inProcess && options.cloud !== 'external-process') {
      return closing.add(await openCloud(cloudConfig, store, runtime))
    }
    return closing.add(await startPartyProcess('cloud', 'cloud', cloudConfig, store, bench))
  }
  const operator = new PlatformClient(platform.url, secrets.operatorToken)
  const cloudDesk = new PlatformClient(platform.url, secrets.cloudToken)
  const station = new LockStation(bayId(bench.boardBay.bayId), lockId(bench.boardBay.lockId), {
    board: bench.board,
    keeper: bench.keeper,
    link: bench.lockLink,
    easel: bench.easel,
    operator,
    ...(bench.hasGuests && { unlockTimes: bench.unlockTimes }),
  })
  const known =
    externalPlatform &&
    new KnownPlatform({ url: platform.url, bays: profile.bays, time: clock, operator, cloud: cloudDesk })
  const toBaseline = async () => {
    await known?.begin()
    await station.isThere()
    await known?.untilTalking(station.lockId)
    await known?.endLeftovers()
    const [neighbours] = await afterAll([
      openNeighbours(bench, runtime, operator).then((opened) => closing.add(opened)),
      station.toBaseline(),
    ])
    known?.verifyTime(wires.all(({ wire, from }) => wire === 'lock' && from === 'platform'))
    await known?.verify()
    return neighbours.links
  }
  // The platform is there; all others can start at once, while the bolt goes to its baseline.
  const [cloudWebhook, car, lockLinks] = await afterAll([
    openTheCloud().then(({ url }) => {
      taps.push.connect(url)
      taps.webhook.connect(url)
      return url
    }),
    openCar(bench, watch, runtime).then((opened) => closing.add(opened)),
    toBaseline(),
  ])
  const partyWires = new PartyWires({
    platformTap: taps.platform,
    webhookTap: taps.webhook,
    links: new Map([...lockLinks, [profile.vehicleId, car.link]]),
    brokerAccess: bench.brokerAccess,
    cloudWebhook,
  })
  const newStage = async () => {
    // A fix of the baseline is as good as a later one; all else that locks said in it is not the scenario's.
    bench.earlierEvents.note(wires.all(({ name }) => name !== 'gps-fix'))
    return new Stage({
      clock,
      wires,
      earlierEvents: bench.earlierEvents,
      alertsBefore: new Set((await operator.alerts()).map(alertMark)),
      bays: profile.bays,
      vehicleId: profile.vehicleId,
      phones: new PhoneLine(taps.phone.url, secrets.appId, secrets.controlToken),
      operator,
      cloudDesk,
      platformTap: taps.platform,
      partyWires,
      secrets,
      car: car.car,
      stations: new Map([[station.bay, station]]),
      newId: production.newId,
    })
  }
  let stage = await newStage()
  const noteGuesses = () => bench.guesses.note(stage.lockEvents('code-scanned', station.bay))
  return {
    get stage() {
      return stage
    },
    renew: async () => {
      // The wires were cleared when the scenario began: what they hold is its own, baseline included.
      await stage.endReservations()
      noteGuesses()
      await bench.guesses.over()
      await station.toBaseline()
      stage = await newStage()
      return stage
    },
    urls: {
      untapped: { phone: wechat.url, platform: platform.url },
      wechatApi: taps.api.url,
      platform: taps.platform.url,
      cloudPush: taps.push.url,
      cloudWebhook: taps.webhook.url,
      phone: taps.phone.url,
      broker: bench.brokerAccess('cloud').url,
    },
    headUnitPicture: () => car.picture(),
    canLog: () => car.log(),
    close: async () => {
      noteGuesses()
      const leave = async () => {
        await station.restore()
        await known?.leave(wires)
      }
      // The parties end whatever has become of the board.
      await leave().finally(() => closing.close())
    },
  }
}

/** Waits for all, so that whatever was opened can be closed; then throws the first failure, if there was one. */
async function afterAll<T extends readonly Promise<unknown>[]>(promises: readonly [...T]) {
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
  return Promise.all(promises)
}

async function openTaps(
  bench: BenchParts,
  watch: ContractWatch,
  protection: PushProtection,
  closing: Closing,
): Promise<Taps> {
  const { ports = {}, hostNames = [] } = bench.profile.fixed ?? {}
  const at = (port: number | undefined) => ({ port, hostNames })
  const { wires } = bench
  const times = () => bench.clock.recent()
  const webhook = webhookContract({ secret: bench.secrets.webhookSecret, times })
  return {
    phone: closing.add(
      await openHttpWire('phone', openApiContract('phone.openapi'), wires, watch, at(ports.phone)),
    ),
    push: closing.add(
      await openHttpWire('push', pushContract(protection), wires, watch, at(ports.cloudPush)),
    ),
    api: closing.add(
      await openHttpWire('api', openApiContract('wechat.openapi'), wires, watch, at(ports.wechatApi)),
    ),
    platform: closing.add(
      await openHttpWire(
        'platform',
        openApiContract('platform.openapi'),
        wires,
        watch,
        at(ports.platformApi),
      ),
    ),
    webhook: closing.add(await openHttpWire('webhook', webhook, wires, watch, at(ports.cloudWebhook))),
  }
}
