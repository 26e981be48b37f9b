import { After, AfterAll, Before, BeforeAll, setDefaultTimeout } from '@cucumber/cucumber'
import { Bench } from '../../rigs/bench/bench.js'
import { endInterrupted } from '../../rigs/bench/end-interrupted.js'
import { NOT_SHOWN_MEDIA_TYPE } from '../../rigs/evidence/not-shown.js'
import { lentBench } from '../../rigs/bench/lent-bench.js'
import type { RunParameters } from '../../rigs/bench/cucumber-options.js'
import { Scenario, theBench, useBench } from './scenario.js'

/** Longer than any deadline inside a step, so that the step's own error, which names what is missing, comes first. */
setDefaultTimeout(90_000)

BeforeAll(async function () {
  const lent = lentBench()
  if (lent) return useBench(lent)
  const bench = await Bench.start(this.parameters as unknown as RunParameters)
  useBench(bench)
  // Cucumber has no handler of its own: without this, Ctrl-C would leave the end of the bench to the supervisor.
  process.once('SIGINT', () => void endInterrupted(bench)).once('SIGTERM', () => void endInterrupted(bench))
  void bench.safeByHand.then(() => endInterrupted(bench, 'made safe by hand (lockstep safe)'))
})

Before(async function (this: Scenario, { pickle, testCaseStartedId }) {
  await theBench().beginScenario(testCaseStartedId)
  const reason = theBench().whyNotShown(pickle.tags.map(({ name }) => name))
  if (reason === undefined) return
  this.attach(reason, NOT_SHOWN_MEDIA_TYPE)
  return 'skipped'
})

After(async function () {
  await theBench().endScenario()
})

AfterAll(async function () {
  if (!lentBench()) await theBench().close()
})
