import type { Fidelity } from './fidelity.js'

/** One wire of the rig, and what really carries it. */
export interface WireRecord {
  readonly wire: string
  readonly from: string
  readonly to: string
  readonly fidelity: Fidelity
  /** E.g. `StandardFirmata 2.5 on a simulated ATmega328P (avr8js)`. */
  readonly by: string
}

/** Which implementation of a party took part. */
export interface PartyRecord {
  readonly party: 'cloud' | 'platform'
  /** Of an external one, without user and password; absent: the reference implementation of this version. */
  readonly url?: string
}

/** What exactly ran: enough to run it again. */
export interface Attestation {
  readonly firmwareSha256?: string
  readonly node?: string
  readonly platform?: string
  readonly lockstep?: string
  readonly profileSha256?: string
  readonly [further: string]: unknown
}

/** `run.json` of an evidence folder. */
export interface RunRecord {
  readonly runId: string
  /** RFC 3339. */
  readonly startedAt: string
  /** RFC 3339; absent when the run was killed. */
  readonly finishedAt?: string
  /** The rig's name, as its profile gives it. */
  readonly rig: string
  readonly fidelity: Fidelity
  readonly wires: readonly WireRecord[]
  /** Parties that may be a user's own. */
  readonly parties: readonly PartyRecord[]
  readonly attestation: Attestation
}

/** `safe-state.json`: what the supervisor read back, after the run or when it lost the runner. */
export interface SafeStateProof {
  /** True only when an independent readback shows no current and an open relay. */
  readonly confirmed: boolean
  /** What made the supervisor take the power away: `asked`, `runner-lost`, `client-lost`… */
  readonly reason: string
  /** Why it is not confirmed. */
  readonly problem: string | null
  /** What the board itself measured afterwards, if it answered. */
  readonly readback: Readonly<Record<string, unknown>> | null
  /** RFC 3339. */
  readonly startedAt: string
  readonly finishedAt: string
}

/** One entry of `contracts.json`: how often a wire's messages were checked, and what was not as its contract says. */
export interface ContractVerdict {
  readonly wire: string
  readonly checked: number
  readonly violations: readonly ContractBreach[]
}

export interface ContractBreach {
  /** The party that sent the message. */
  readonly party: string
  readonly what: string
  readonly at?: string | number
}

/** `window.json`: the slice of the timelines that belongs to a scenario, both ends included, nanoseconds. */
export interface TimelineWindow {
  readonly fromMonotonic: string
  readonly toMonotonic: string
}

export type ArtefactKind = 'picture' | 'conversation' | 'can-log' | 'bolt-trace' | 'contracts' | 'text'

/** One entry of `artefacts.json`. */
export interface ArtefactEntry {
  /** Name inside the scenario's folder. */
  readonly file: string
  readonly title: string
  readonly kind: ArtefactKind
  readonly wire?: string
}

/** One line of `conversation.json`. */
export interface ConversationLine {
  /** `user` (or the phone) speaks from the right, anyone else from the left. */
  readonly from: string
  readonly kind: string
  readonly text?: string
  /** A file of the scenario's folder. */
  readonly picture?: string
  readonly at?: string | number
}

/** One line of `bolt.ndjson`. */
export interface BoltSample {
  /** Hardware time, milliseconds. */
  readonly hardwareMs: number
  /** Degrees: 90 up (locked), 0 down (open). */
  readonly angle: number
  /** True while the actuator has power. */
  readonly supplied: boolean
  readonly currentAmps: number
}
