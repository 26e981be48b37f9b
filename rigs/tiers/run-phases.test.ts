import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CI_PHASES, onlyTiers } from './ci-phases.js'
import { runPhases } from './run-phases.js'
import type { Phase, Tier } from './tier.js'

const tier = (name: string): Tier => ({ name, command: name, budgetMinutes: 1 })

/** Runs phases whose tiers end when the test says so. */
async function play(phases: readonly Phase[], failing: string, order: readonly string[]) {
  const events: string[] = []
  const end = new Map<string, () => void>()
  const ran = runPhases(
    phases,
    (running) =>
      new Promise((resolve) =>
        end.set(running.name, () =>
          resolve({
            tier: running,
            exitCode: running.name === failing ? 1 : 0,
            wallSeconds: 1,
            processorSeconds: 1,
          }),
        ),
      ),
    {
      started: ({ name }) => events.push(`+${name}`),
      ended: ({ tier: { name } }) => events.push(`-${name}`),
    },
  )
  for (const name of order) {
    end.get(name)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { events, results: await ran }
}

test('lanes run beside each other, tiers of a lane and phases one after the other', async () => {
  const phases = [[[tier('a'), tier('b')], [tier('c')]], [[tier('d')]]]
  const { events, results } = await play(phases, '', ['a', 'c', 'b', 'd'])
  assert.deepEqual(events, ['+a', '+c', '-a', '+b', '-c', '-b', '+d', '-d'])
  assert.deepEqual(
    results.map(({ tier: { name } }) => name),
    ['a', 'b', 'c', 'd'],
  )
})

test('after a failure what has begun is brought to its end, and nothing new begins', async () => {
  const phases = [[[tier('a'), tier('b')], [tier('c')]], [[tier('d')]]]
  const { events } = await play(phases, 'a', ['a', 'c'])
  assert.deepEqual(events, ['+a', '+c', '-a', '-c'])
})

test('continuous integration begins with the command of the README, and each tier has a name of its own', () => {
  assert.equal(CI_PHASES[0]?.[0]?.[0]?.command, 'npm test')
  const names = CI_PHASES.flat(2).map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})

test('a word chooses tiers', () => {
  const names = onlyTiers(CI_PHASES, 'vcan').flat(2)
  assert.ok(names.length > 0 && names.every(({ name }) => name.includes('vcan')))
})
