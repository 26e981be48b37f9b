/** One command of continuous integration, with what it may take. */
export interface Tier {
  /** As the table of CONTRIBUTING names it. */
  readonly name: string
  /** For bash, in the checkout's folder. */
  readonly command: string
  /** Wall minutes on two cores, beside what runs with it; a tier that takes longer is named, and does not fail for it. */
  readonly budgetMinutes: number
}

/** Tiers that run one after the other. */
export type Lane = readonly Tier[]

/** Lanes that run beside each other; a phase begins when the one before has ended. */
export type Phase = readonly Lane[]

/** How a tier ended. */
export interface TierResult {
  readonly tier: Tier
  readonly exitCode: number
  readonly wallSeconds: number
  /** User and system time of all its processes that were waited for, seconds. */
  readonly processorSeconds: number
}
