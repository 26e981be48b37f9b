import { setWorldConstructor, World } from '@cucumber/cucumber'
import type { BayId } from '../../reference/domain/identifiers.js'
import type { Bench } from '../../rigs/bench/bench.js'
import type { RunParameters } from '../../rigs/bench/cucumber-options.js'
import type { Driver } from '../../rigs/bench/people/driver.js'
import type { LockStation } from '../../rigs/bench/stage/lock-station.js'
import type { StageOptions } from '../../rigs/bench/stage/open-stage.js'
import type { Stage } from '../../rigs/bench/stage/stage.js'

/** The bench of this run; set before the first scenario. */
let bench: Bench | undefined

export function useBench(started: Bench | undefined): void {
  bench = started
}

export function theBench(): Bench {
  if (!bench) throw new Error('the bench has not been started')
  return bench
}

/** What the steps of one scenario share. */
export class Scenario extends World<RunParameters> {
  #stage: Promise<Stage> | undefined
  #driver: Driver | undefined
  #otherDriver: Driver | undefined

  /** What happens to be needed before the parties start; `stage` starts them. */
  readonly options: { -readonly [K in keyof StageOptions]: StageOptions[K] } = {}
  /** What a step found for a later one to judge. */
  readonly found = new Map<string, unknown>()

  /** The parties of this scenario, started when they are first needed. */
  stage(): Promise<Stage> {
    this.#stage ??= theBench().openStage(this.options)
    return this.#stage
  }

  async lockAt(bay: BayId): Promise<LockStation> {
    return (await this.stage()).lockAt(bay)
  }

  get driver(): Driver {
    if (!this.#driver) throw new Error('this scenario has no driver yet')
    return this.#driver
  }

  set driver(driver: Driver) {
    this.#driver = driver
  }

  get otherDriver(): Driver {
    if (!this.#otherDriver) throw new Error('this scenario has no other driver yet')
    return this.#otherDriver
  }

  set otherDriver(driver: Driver) {
    this.#otherDriver = driver
  }
}

setWorldConstructor(Scenario)
