import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomInt } from 'node:crypto'
import type { LockEvent } from '../../../reference/contracts/lock-link.js'
import { startWeChatPlatform } from '../../../reference/wechat/wechat.js'
import { PhoneLine } from '../../bench/people/phone-line.js'
import { serveVehicle } from '../../bench/parties/serve-vehicle.js'
import { Closing } from '../../bench/stage/closing.js'
import { startMosquitto, type Mosquitto } from '../../debian-services/mosquitto.js'
import { startPostgresServer, type PostgresServer } from '../../debian-services/postgres-server.js'
import { openLibsqlStore } from '../../drivers/libsql/libsql-store.js'
import { openPostgresStore } from '../../drivers/postgres/postgres-store.js'
import { systemClock } from '../../drivers/system-clock/system-clock.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { Balancer, type Passed } from './balancer.js'
import { ClusterLock } from './cluster-lock.js'
import {
  brokerCredentials,
  clusterBays,
  cloudSettings,
  instanceSettings,
  platformSettings,
  SECRETS,
  VEHICLE,
} from './cluster-settings.js'
import { ClusterEvidence } from './cluster-evidence.js'
import { PartyProcess } from './party-process.js'

export interface ClusterOptions {
  readonly platforms: number
  readonly clouds: number
  readonly bays: number
}

export type Victim = 'platform' | 'cloud' | 'broker' | 'store'

const WIRES = ['push', 'webhook', 'platform', 'wechat'] as const

/**
 * Clouds and platforms as processes of their own, on Debian's PostgreSQL and Mosquitto, between a WeChat mock and locks
 * in this process; any of them, the servers too, can be killed at a chosen message.
 */
export class Cluster {
  readonly passed: Passed[] = []
  readonly #balancers = new Map<string, Balancer>()
  readonly #ending: Promise<unknown>[] = []
  #platforms: PartyProcess[] = []
  #clouds: PartyProcess[] = []
  #settings: { readonly platform: object; readonly cloud: object } = { platform: {}, cloud: {} }
  #names = 0
  #messages = 0
  readonly #awaited: { readonly message: number; readonly resolve: () => void }[] = []
  #at: { readonly message: number; readonly crash: () => void } | undefined

  private constructor(
    readonly store: SqlStore,
    readonly cloudStore: SqlStore,
    readonly locks: readonly ClusterLock[],
    readonly phones: PhoneLine,
    private readonly postgres: PostgresServer,
    private readonly broker: Mosquitto,
    private readonly folder: string,
    readonly evidence: ClusterEvidence,
    private readonly closing: Closing,
  ) {}

  static async start(options: ClusterOptions): Promise<Cluster> {
    const closing = new Closing()
    try {
      return await Cluster.#start(options, closing)
    } catch (error) {
      await closing.close().catch(() => undefined)
      throw error
    }
  }

  static async #start(options: ClusterOptions, closing: Closing): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-cluster-'))
    closing.addEnd(() => rmSync(folder, { recursive: true, force: true }))
    const evidence = closing.add(new ClusterEvidence(join(folder, 'evidence')))
    const bays = clusterBays(options.bays)
    const postgres = closing.add(await startPostgresServer())
    const broker = closing.add(await startMosquitto(brokerCredentials(bays)))
    const locks: ClusterLock[] = []
    const store = closing.add(await openPostgresStore(postgres.url('platform')))
    const cloudStore = closing.add(await openPostgresStore(postgres.url('cloud')))
    const wechatStore = closing.add(await openLibsqlStore('libsql::memory:'))
    // The balancers come before what they lead to, because both sides are told their addresses.
    const made: { cluster?: Cluster } = {}
    const seen = () => made.cluster?.seen()
    const urls = {} as Record<(typeof WIRES)[number], string>
    let wechatUrl = ''
    const targets = {
      push: () => made.cluster?.urlsOf('cloud') ?? [],
      webhook: () => made.cluster?.urlsOf('cloud') ?? [],
      platform: () => made.cluster?.urlsOf('platform') ?? [],
      wechat: () => [wechatUrl],
    }
    for (const wire of WIRES) {
      const onPassed = (passed: Passed) => {
        made.cluster?.passed.push(passed)
        evidence.passed(passed)
      }
      const balancer = await Balancer.open({ wire, targets: targets[wire], onMessage: seen, onPassed })
      urls[wire] = closing.add(balancer).url
    }
    const wechat = closing.add(
      await startWeChatPlatform(
        {
          host: '127.0.0.1',
          port: 0,
          controlToken: SECRETS.controlToken,
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
        { clock: systemClock, log: evidence.log('wechat'), random: randomInt, store: wechatStore },
      ),
    )
    wechatUrl = wechat.url
    const phones = new PhoneLine(wechat.url, SECRETS.appId, SECRETS.controlToken)
    const access = { url: broker.url, ca: broker.ca }
    const cluster = new Cluster(store, cloudStore, locks, phones, postgres, broker, folder, evidence, closing)
    made.cluster = cluster
    closing.addEnd(() => cluster.#end())
    cluster.#settings = {
      platform: platformSettings(postgres.url('platform'), access, `${urls.webhook}/platform/events`, bays),
      cloud: cloudSettings(postgres.url('cloud'), access, urls.wechat, urls.platform),
    }
    await Promise.all([
      ...Array.from({ length: options.platforms }, () => cluster.add('platform')),
      ...Array.from({ length: options.clouds }, () => cluster.add('cloud')),
    ])
    for (const { bayId, lockId, location } of bays) {
      const device = { ...access, username: lockId, password: `secret of ${lockId}` }
      const onEvent = (event: LockEvent) => {
        evidence.said(lockId, event)
        seen()
      }
      locks.push(closing.add(await ClusterLock.open(bayId, lockId, location, device, onEvent)))
    }
    closing.add(
      await serveVehicle(
        {
          vehicleId: VEHICLE,
          broker: { ...access, username: VEHICLE, password: `secret of ${VEHICLE}` },
          headUnit: true,
        },
        { clock: systemClock, log: (party) => evidence.log(party) },
      ),
    )
    return cluster
  }

  urlsOf(party: 'platform' | 'cloud'): string[] {
    return this.#of(party).flatMap(({ url }) => url ?? [])
  }

  /** Starts another instance, under a name that none has had before. */
  async add(party: 'platform' | 'cloud'): Promise<void> {
    const name = `${party}-${++this.#names}`
    const instance = new PartyProcess(
      party,
      name,
      this.folder,
      instanceSettings(party, name, this.#settings[party]),
      this.evidence,
    )
    this.#of(party).push(instance)
    await instance.start()
  }

  /** `kill -9` of one instance, for good. */
  async lose(party: 'platform' | 'cloud', index: number): Promise<void> {
    const [instance] = this.#of(party).splice(index % this.#of(party).length, 1)
    await instance?.kill()
  }

  /** `kill -9`, and a start of the same again. */
  async crash(victim: Victim): Promise<void> {
    if (victim === 'broker') return this.broker.crashAndRestart()
    if (victim === 'store') return this.postgres.crashAndRestart()
    const [instance] = this.#of(victim)
    await instance?.kill()
    await instance?.start()
  }

  /** Crashes at the n-th message on any wire from now on. */
  crashAt(message: number, victim: Victim): void {
    this.#at = {
      message: this.#messages + message,
      crash: () => {
        this.evidence.happened('crash', { victim, message })
        this.#ending.push(
          this.crash(victim).then(() => this.evidence.happened('crashed-is-back', { victim })),
        )
      },
    }
  }

  /** Resolves at the n-th message on any wire from now on. */
  reaches(message: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.push({ message: this.#messages + message, resolve }))
  }

  /** Resolves when what is down now is back. */
  readonly recovery = (): Promise<unknown> => Promise.all(this.#ending)

  /** Resolves when what was crashed is back; nothing more is crashed. */
  async whole(): Promise<void> {
    this.#at = undefined
    await Promise.all(this.#ending.splice(0))
  }

  private seen(): void {
    this.#messages++
    for (const { message, resolve } of this.#awaited) if (message <= this.#messages) resolve()
    if (!this.#at || this.#messages < this.#at.message) return
    const { crash } = this.#at
    this.#at = undefined
    crash()
  }

  close(): Promise<void> {
    return this.closing.close()
  }

  #of(party: 'platform' | 'cloud'): PartyProcess[] {
    return party === 'platform' ? this.#platforms : this.#clouds
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#ending)
    await Promise.all([...this.#platforms, ...this.#clouds].map((instance) => instance.end()))
  }
}
