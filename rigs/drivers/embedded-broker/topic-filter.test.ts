import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { covers } from './topic-filter.js'

describe('topic filters', () => {
  const cases: readonly [string, string, boolean][] = [
    ['locks/L-1/events', 'locks/L-1/events', true],
    ['locks/L-1/events', 'locks/L-2/events', false],
    ['locks/L-1/events', 'locks/L-1/events/more', false],
    ['locks/L-1/events', 'locks/L-1', false],
    ['locks/L-1/commands', 'locks/+/commands', false],
    ['locks/L-1/commands', 'locks/#', false],
    ['locks/L-1/commands', '#', false],
    ['locks/+/commands', 'locks/+/commands', true],
    ['locks/+/commands', 'locks/L-1/commands', true],
    ['locks/+/commands', 'locks/L-1/#', false],
    ['locks/#', 'locks/+/status', true],
    ['locks/#', 'locks', true],
    ['#', '$SYS/broker', false],
    ['+/x', '$SYS/x', false],
  ]
  for (const [allowed, filter, covered] of cases) {
    it(`${allowed} ${covered ? 'covers' : 'does not cover'} ${filter}`, () => {
      assert.equal(covers(allowed, filter), covered)
    })
  }
})
