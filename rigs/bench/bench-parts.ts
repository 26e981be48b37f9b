import type { Timeline } from '../evidence/timeline.js'
import type { BrokerAccess } from '../../reference/ports/broker-access.js'
import type { Board } from './board/board-client.js'
import type { RigClock } from './business-clock.js'
import type { LockKeeper } from './lock/lock-keeper.js'
import type { BayProfile, Profile, RunSecrets } from './profile-schema.js'
import type { UnlockTime } from './stage/unlock-time.js'
import type { Easel } from './stage/lock-station.js'
import type { GuessPause } from './stage/guess-pause.js'
import type { CanWire } from './wires/can-wire.js'
import type { EarlierEvents } from './wires/earlier-events.js'
import type { TcpLink } from './wires/tcp-link.js'
import type { WireLog } from './wires/wire-log.js'

/** What a bench has for all scenarios of a run. */
export interface BenchParts {
  readonly profile: Profile
  readonly secrets: RunSecrets
  /** What the parties go by. */
  readonly clock: RigClock
  /** Others load the parties (see `guests.ts`). */
  readonly hasGuests: boolean
  /** With guests: how long each opening of the bench's lock took, oldest first. */
  readonly unlockTimes: UnlockTime[]
  readonly wires: WireLog
  readonly earlierEvents: EarlierEvents
  /** Where time cannot be moved: the lock's throttle is waited for. */
  readonly guesses: GuessPause
  readonly timeline: Timeline
  /** How a party reaches the broker, by its user name there: `cloud`, `platform`, a lock's id or the vehicle's. */
  readonly brokerAccess: (username: string) => BrokerAccess
  /** The profile's store, or the server that was started for the run. */
  readonly storeUrl: string
  /** Where the account's state at WeChat outlives scenarios and runs, for a cloud that does. */
  readonly accountStoreUrl: string | undefined
  readonly boardBay: BayProfile
  readonly board: Board
  readonly keeper: LockKeeper
  readonly lockLink: TcpLink
  /** Between T-BOX and head unit. */
  readonly can: CanWire
  readonly easel: Easel
  readonly evidenceFolder: string
  /** Base64; never written. */
  readonly redactionKey: string
  /** A folder that is empty, and gone with the bench. */
  newFolder(): string
}
