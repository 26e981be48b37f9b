import { randomInt, randomUUID } from 'node:crypto'
import type { Problem } from '../../../reference/contracts/platform-api.js'
import { startPlatform } from '../../../reference/platform/platform.js'
import type { PlatformConfig } from '../../../reference/platform/platform-config.js'
import type { RunningParty } from '../../../reference/ports/party.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { startEmbeddedBroker, type EmbeddedBroker } from '../../drivers/embedded-broker/embedded-broker.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'
import { Inbox } from '../inbox.js'
import { startScriptedCloud, type ScriptedCloud } from './scripted-cloud.js'
import { ScriptedLock } from './scripted-lock.js'

export interface LogEntry {
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly correlationId: string | undefined
}

const BAYS = [
  ['B-17', 'L-17', 31.2304],
  ['B-18', 'L-18', 31.23043],
] as const

const CLOUD_TOKEN = 'the-cloud-s-token'
const OPERATOR_TOKEN = 'the-operator-s-token'
const START_MS = Date.parse('2026-03-01T08:00:00Z')

/** A real platform between a real broker, a scripted cloud and scripted locks. */
export class PlatformRig {
  readonly clock = new ManualClock(START_MS)
  readonly log = new Inbox<LogEntry>('the log')
  readonly webhookSecret = 'the-webhook-secret'
  #locks: ScriptedLock[] = []
  #platform: (RunningParty & { readonly url: string }) | undefined

  private constructor(
    readonly broker: EmbeddedBroker,
    readonly cloud: ScriptedCloud,
    /** Outlives the platform. */
    readonly store: SqlStore,
  ) {}

  /** @param store is the caller's to open, and closed with the rig */
  static async start(store: SqlStore): Promise<PlatformRig> {
    const broker = await startEmbeddedBroker({
      host: '127.0.0.1',
      port: 0,
      credentials: [
        {
          username: 'platform',
          password: 'p',
          publish: ['locks/+/commands'],
          subscribe: ['locks/+/events', 'locks/+/status'],
        },
        ...BAYS.map(([, lockId]) => ({
          username: lockId,
          password: lockId,
          publish: [`locks/${lockId}/events`, `locks/${lockId}/status`],
          subscribe: [`locks/${lockId}/commands`],
        })),
      ],
    })
    const rig = new PlatformRig(broker, await startScriptedCloud(), store)
    await rig.startPlatform()
    return rig
  }

  async startPlatform(changes: Partial<PlatformConfig> = {}): Promise<void> {
    const config: PlatformConfig = {
      host: '127.0.0.1',
      port: 0,
      cloudToken: CLOUD_TOKEN,
      operatorToken: OPERATOR_TOKEN,
      broker: { url: this.broker.url, username: 'platform', password: 'p' },
      webhook: { url: this.cloud.url, secret: this.webhookSecret, firstRetryMs: 1, longestRetryMs: 5 },
      inventory: BAYS.map(([bayId, lockId, latitude]) => ({
        bayId,
        label: `bay ${bayId}`,
        lockId,
        location: { latitude, longitude: 121.4737 },
        pricePerHourFen: 800,
      })),
      holdSeconds: 900,
      commandTtlSeconds: 30,
      ...changes,
    }
    this.#platform = await startPlatform(config, {
      clock: this.clock,
      store: this.store,
      random: randomInt,
      newId: randomUUID,
      log: {
        record: (event, fields = {}, correlationId) => this.log.push({ event, fields, correlationId }),
      },
    })
  }

  get url(): string {
    return this.#platform?.url ?? ''
  }

  async stopPlatform(): Promise<void> {
    await this.#platform?.close()
  }

  /** Connects a lock whose bolt is up, and waits until the platform knows. */
  async lock(lockId: string): Promise<ScriptedLock> {
    const lock = await ScriptedLock.connect(this.broker.url, lockId, lockId, () => this.clock.now())
    this.#locks.push(lock)
    await lock.report()
    await this.log.next(({ event, fields }) => event === 'bay-bolt' && fields.lockId === lockId)
    return lock
  }

  /** Waits until the platform has logged an event. */
  async logged(event: string): Promise<LogEntry> {
    return this.log.next((entry) => entry.event === event)
  }

  /** A request; what comes back is not checked. */
  async request<T = Problem>(
    method: string,
    path: string,
    options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  ): Promise<{ readonly status: number; readonly body: T }> {
    const token = options.token ?? (path.includes('/operator/') ? OPERATOR_TOKEN : CLOUD_TOKEN)
    const { body } = options
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        ...options.headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as T }
  }

  async close(): Promise<void> {
    await this.stopPlatform()
    for (const lock of this.#locks) await lock.close()
    await this.cloud.close()
    await this.broker.close()
    await this.store.close()
  }
}

/** A request body for a reservation of a bay at its surveyed place. */
export function reservationOf(bayId: string, changes: object = {}) {
  const latitude = BAYS.find(([id]) => id === bayId)?.[2] ?? 31
  return {
    bayId,
    location: { latitude, longitude: 121.4737 },
    userRef: 'user-1',
    symbology: 'qr',
    ...changes,
  }
}
