import type { BrokerAccess } from '../ports/broker-access.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'
import type { RandomInteger } from '../domain/unlock-code.js'
import type { RotatingSecret } from '../same-secret.js'
import type { InventoryItem } from '../contracts/platform-api.js'

export interface WebhookTarget {
  readonly url: string
  /** Key of the signature. */
  readonly secret: string
  /** How long the cloud may take to answer, milliseconds of wall time; 5,000 if not given. */
  readonly timeoutMs?: number
  /** Wait before the first repetition, doubled for each further one; 250 if not given. */
  readonly firstRetryMs?: number
  /** Longest wait between two repetitions; 30,000 if not given. */
  readonly longestRetryMs?: number
}

/** What a party may do: see spaces, hold and end its own reservations, work as an operator. */
export type Scope = 'spaces' | 'reservations' | 'operator'

/** Who may ask the platform, each with a credential of its own. */
export interface Party {
  /** In the audit, and of its reservations. */
  readonly name: string
  /** One, or two while the one is replaced by the other: both are good. */
  readonly secrets: readonly string[]
  readonly scopes: readonly Scope[]
  /** Where the events of its reservations go, and nowhere else; needed with the scope `reservations`. */
  readonly webhook?: WebhookTarget
}

export interface AccessLimits {
  /** Of one party, a minute of wall time; 60,000 if not given. */
  readonly requestsPerMinute?: number
  /** Without a valid credential from one source (IPv4 address or IPv6 network of 64 bits), a minute of wall time; 60 if not given. */
  readonly failuresPerMinute?: number
  /** Of one lock, a minute of wall time; 6,000 if not given. What is beyond is not taken. */
  readonly lockMessagesPerMinute?: number
}

export interface PlatformConfig {
  /**
   * Name of this instance among those that share the store; the host's if not given. One that starts again under its
   * name goes on at once with what it did for all; under any other, once it has been silent for `leaseMs`.
   */
  readonly instance?: string
  /** How long an instance may be silent before another does its duty, milliseconds of wall time; 5,000 if not given. */
  readonly leaseMs?: number
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  /** Names under which it may be asked while `host` is on loopback, besides those of loopback: of a proxy, of a tunnel. */
  readonly hostNames?: readonly string[]
  /** Two while one is replaced by the other: both are good. */
  readonly cloudToken: RotatingSecret
  readonly operatorToken: RotatingSecret
  /** Others who may ask, such as a second cloud; each sees its own reservations only. */
  readonly parties?: readonly Party[]
  readonly limits?: AccessLimits
  readonly broker: BrokerAccess
  readonly webhook: WebhookTarget
  /** All the bays there are. Without it those that the store has: then they are added over HTTP. */
  readonly inventory?: readonly InventoryItem[]
  /** How long a space is held when the request does not say, seconds. */
  readonly holdSeconds: number
  /**
   * How long a hold waits for the lock to accept or refuse it before it ends as `lock-silent`, seconds; 60 if not given.
   */
  readonly lockSilenceSeconds?: number
  /**
   * How long after its end a hold whose code was issued waits for word that the lock has opened, seconds; 10 if not
   * given. Longer than a bolt travels and a message takes: a code that is shown in the last second opens.
   */
  readonly unlockGraceSeconds?: number
  /** How long an unlocked bay waits for its vehicle before the reservation ends, seconds; 1,800 if not given. */
  readonly noShowSeconds?: number
  /** Life of an operator's command when the request does not say, seconds. */
  readonly commandTtlSeconds: number
  /** How long an operator's command waits for the lock's answer, milliseconds of wall time; 10,000 if not given. */
  readonly lockAnswerTimeoutMs?: number
}

export interface PlatformDeps {
  readonly clock: Clock
  readonly store: SqlStore
  /** A cryptographic source in production: unlock codes are drawn from it. */
  readonly random: RandomInteger
  /** A fresh identifier: 1 to 64 letters, digits, "-" or "_". */
  readonly newId: () => string
  readonly log: EventLog
}
