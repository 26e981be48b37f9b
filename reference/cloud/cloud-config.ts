import type { BrokerAccess } from '../ports/broker-access.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { Geocoder } from '../ports/geocoder.js'
import type { RotatingSecret } from '../same-secret.js'
import type { SqlStore } from '../ports/sql-store.js'

export type MapDatum = 'GCJ-02' | 'WGS-84'

export interface CloudConfig {
  /**
   * Name of this instance among those that share the store; the host's if not given. One that starts again under its
   * name goes on at once with what it did for all; under any other, once it has been silent for `leaseMs`.
   */
  readonly instance?: string
  /** How long an instance may be silent before another does its duty, milliseconds of wall time; 5,000 if not given. */
  readonly leaseMs?: number
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Names under which it may be asked while `host` is on loopback, besides those of loopback: of a proxy, of a tunnel. */
  readonly hostNames?: readonly string[]
  readonly wechat: {
    /** `https://api.weixin.qq.com`, or the mock's URL. */
    readonly apiUrl: string
    readonly appId: string
    readonly secret: string
    /** The Token of the account's server settings; two while it is replaced. */
    readonly token: RotatingSecret
    /** `gh_…`; when given, pushes to another account are refused. */
    readonly originalId?: string
    /**
     * EncodingAESKey, for the modes compatible and safe; two while it is replaced. With it, pushes that are not encrypted
     * are refused.
     */
    readonly aesKey?: RotatingSecret
    /** Wall time of one API call, milliseconds. */
    readonly timeoutMs?: number
  }
  readonly platform: {
    readonly url: string
    readonly token: string
    /** Two while one is replaced by the other: both are good. */
    readonly webhookSecret: RotatingSecret
    /** Wall time of one call, milliseconds. */
    readonly timeoutMs?: number
  }
  readonly broker: BrokerAccess
  /** How long a reservation is held, seconds. */
  readonly holdSeconds: number
  /** Datum of WeChat's location messages. WeChat does not document it; its map, and so its users, mean GCJ-02. */
  readonly mapDatum: MapDatum
  /** A push or webhook whose timestamp is further from now is refused, seconds of business time. */
  readonly replayWindowSeconds?: number
  /** Pushes and webhooks without a valid signature, from one source, a minute of wall time; 60 if not given. */
  readonly failuresPerMinute?: number
  /** Wall time that a push waits for its answer before it is told to be in hand, milliseconds; below WeChat's 5000. */
  readonly passiveReplyMs?: number
}

export interface CloudDeps {
  readonly clock: Clock
  readonly store: SqlStore
  readonly newId: () => string
  readonly log: EventLog
  /** The bundled gazetteer when not given. */
  readonly geocoder?: Geocoder
}

export const CLOUD_DEFAULTS = {
  wechatTimeoutMs: 4000,
  platformTimeoutMs: 4000,
  replayWindowSeconds: 900,
  passiveReplyMs: 2500,
} as const
