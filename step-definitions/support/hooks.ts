import { After, AfterAll, Before, BeforeAll, setDefaultTimeout } from '@cucumber/cucumber'
import { Bench } from '../../rigs/bench/bench.js'
import type { RunParameters } from '../../rigs/bench/cucumber-options.js'
import { Scenario, theBench, useBench } from './scenario.js'

/** Longer than any deadline inside a step, so that the step's own error, which names what is missing, comes first. */
setDefaultTimeout(90_000)

BeforeAll(async function () {
  useBench(await Bench.start(this.parameters as unknown as RunParameters))
})

Before(async function (this: Scenario, { testCaseStartedId }) {
  await theBench().beginScenario(testCaseStartedId)
})

After(async function () {
  await theBench().endScenario()
})

AfterAll(async function () {
  await theBench().close()
})
