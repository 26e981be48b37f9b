import { mkdirSync } from 'node:fs'
import type { BenchParts } from './bench-parts.js'
import type { RunParameters } from './cucumber-options.js'
import { requireMachine } from './machine.js'
import { openBenchParts, type OpenedBench } from './open-bench-parts.js'
import { whyNotShown } from './external/scenario-needs.js'
import type { Guests } from './guests.js'
import { loadProfile, profileFile } from './profile.js'
import { RigFault, RigUnavailable, SafeStateUnconfirmed } from './rig-errors.js'
import { ScenarioEvidence } from './scenario-evidence.js'
import { Closing } from './stage/closing.js'
import { openStage, type OpenStage, type StageOptions } from './stage/open-stage.js'
import type { Stage } from './stage/stage.js'
import type { SafeStateProof } from './supervisor/supervisor-client.js'
import type { ContractBreach, ContractWatch, WireContract } from './wires/contract-watch.js'
import { ProductFault } from '../../reference/ports/faults.js'

/**
 * The composition root: reads a profile, starts what all scenarios of a run share (board, supervisor, lock, broker,
 * camera), and opens a fresh stage of parties for each scenario.
 */
export class Bench {
  #watch: ContractWatch | undefined
  #evidence: ScenarioEvidence | undefined
  #stage: OpenStage | undefined
  #closed: Promise<SafeStateProof> | undefined

  private constructor(
    private readonly opened: OpenedBench,
    private readonly closing: Closing,
  ) {}

  /**
   * Starts a bench by a profile's name or file.
   * @param tell is told what a person has to do; standard error by default
   * @param guests load the parties; these then stay for the whole run
   * @throws UnknownProfile, InvalidProfile, RigUnavailable, RigFault
   */
  static async start(
    { rig, evidenceFolder, passedOver }: RunParameters,
    tell: (line: string) => void = (line) => process.stderr.write(`lockstep: ${line}\n`),
    guests?: Guests,
  ): Promise<Bench> {
    const profile = loadProfile(rig)
    await requireMachine(profile)
    mkdirSync(evidenceFolder, { recursive: true })
    const closing = new Closing()
    try {
      return new Bench(
        await openBenchParts(profile, profileFile(rig), evidenceFolder, closing, tell, passedOver, guests),
        closing,
      )
    } catch (error) {
      await closing.close().catch(() => undefined) // the first error is the one that counts
      throw error
    }
  }

  get parts(): BenchParts {
    return this.opened.parts
  }

  /** Resolves when somebody said `lockstep safe`: the bench stays safe, and the run is over. */
  get safeByHand(): Promise<SafeStateProof> {
    return this.opened.supervisor.safeByHand
  }

  /** A scenario begins: its wires are empty, its evidence starts here. */
  async beginScenario(id: string): Promise<void> {
    this.#evidence = undefined
    if (!this.parts.hasGuests || !this.#watch) this.#watch = this.opened.newWatch()
    // What the last scenario reserved is known by its wires.
    if (this.parts.hasGuests && this.#stage) await this.#stage.renew()
    this.parts.earlierEvents.note(this.parts.wires.all(() => true))
    this.parts.wires.clear()
    this.#evidence = await ScenarioEvidence.begin(this.parts, id)
  }

  /**
   * Starts the parties of the scenario; with guests the first call starts those of the whole run.
   * @throws RigUnavailable for a scenario that needs parties of its own, while guests load these
   */
  async openStage(options: StageOptions = {}): Promise<Stage> {
    if (this.#stage && this.parts.hasGuests) {
      if (Object.keys(options).length === 0) return this.#stage.stage
      throw new RigUnavailable('this scenario needs parties of its own', 'leave it out: --tags "not @alone"')
    }
    if (this.#stage) throw new RigFault('the parties of the last scenario still run')
    this.#stage = await openStage(this.parts, this.#watch ?? (this.#watch = this.opened.newWatch()), options)
    return this.#stage.stage
  }

  /** Why a scenario with these tags cannot be shown on this rig; undefined when it can. */
  whyNotShown(tags: readonly string[]): string | undefined {
    return whyNotShown(tags, this.parts.profile)
  }

  /** What was held against each wire's contract so far, and who broke it. */
  get contracts(): readonly WireContract[] {
    return this.#watch?.contracts() ?? []
  }

  get urls() {
    return this.#stage?.urls
  }

  /**
   * The scenario is over: its evidence is written, its parties end.
   * @throws ContractBroken when a party broke the contract of a wire
   */
  async endScenario(): Promise<void> {
    const stage = this.#stage
    const watch = this.#watch
    // The parties stay, and whose message broke a contract is told at the end of the run.
    if (this.parts.hasGuests) return this.#evidence?.end(stage, watch?.contracts() ?? [])
    this.#stage = undefined
    try {
      await this.#evidence?.end(stage, watch?.contracts() ?? [])
    } finally {
      await stage?.close()
    }
    const violations = watch?.violations() ?? []
    if (violations.length > 0) throw new ContractBroken(violations)
  }

  /** Ends everything; the actuator is without power, and that has been read back. @throws SafeStateUnconfirmed */
  close(): Promise<SafeStateProof> {
    this.#closed ??= this.end()
    return this.#closed
  }

  private async end(): Promise<SafeStateProof> {
    const { parts, supervisor, recorder } = this.opened
    try {
      await this.#stage?.close().catch(() => undefined) // the actuator's power goes, whatever the parties do
      await parts.keeper.close()
      const proof = await supervisor.close().catch((cause: unknown) => {
        throw new SafeStateUnconfirmed('the supervisor gives no proof that the actuator is without power', {
          cause,
        })
      })
      if (!proof.confirmed) {
        throw new SafeStateUnconfirmed(`the actuator may have power: ${proof.problem ?? 'no readback'}`)
      }
      return proof
    } finally {
      await this.closing.close().catch(() => undefined) // what holds the process open must go in any case
      recorder.finish()
    }
  }
}

/** A party sent what the contract of its wire does not allow: the product failed. */
export class ContractBroken extends ProductFault {
  override readonly name = 'ContractBroken'
  constructor(
    violations: readonly (Pick<ContractBreach, 'party' | 'what' | 'times'> & { readonly wire: string })[],
  ) {
    super(
      violations
        .map(({ wire, party, what, times }) => {
          return `${party} broke the contract of ${wire}: ${what}${times > 1 ? ` (${times} times)` : ''}`
        })
        .join('\n'),
    )
  }
}
