import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Space, SpaceList } from '../contracts/platform-api.js'
import { gcj02 } from '../domain/coordinates.js'
import { LiveSpaces, SpacesUnsettled } from './live-spaces.js'
import { space } from './fixtures/cloud-world.js'

const PLACE = gcj02(39.9127, 116.3975)

/** Answers as it is told, and keeps the cursors that it was asked with. */
function scripted(...answers: SpaceList[]) {
  const cursors: (string | undefined)[] = []
  const listSpaces = async (_correlationId: string, after?: string) => {
    cursors.push(after)
    return answers.shift() ?? { spaces: [] }
  }
  return { cursors, spaces: new LiveSpaces({ listSpaces }) }
}
const planned = async (spaces: LiveSpaces) => {
  const result = (await spaces.now('wx-1')).index.plan(PLACE)
  return 'plan' in result ? result.plan.space.bayId : undefined
}
const held = (bayId: string): Space => space(bayId, 39.9113, { reservation: 'held' })

test('after the first question only changes are asked for', async () => {
  const { cursors, spaces } = scripted(
    { spaces: [space('B-1'), space('B-2', 39.9133)], cursor: 'a.1' },
    { spaces: [held('B-1')], cursor: 'a.2', changesOnly: true },
    { spaces: [space('B-1')], cursor: 'a.3', changesOnly: true },
  )
  assert.deepEqual(
    [await planned(spaces), await planned(spaces), await planned(spaces)],
    ['B-1', 'B-2', 'B-1'],
  )
  assert.deepEqual(cursors, [undefined, 'a.1', 'a.2'])
})

test('a platform without cursors tells everything each time', async () => {
  const { cursors, spaces } = scripted({ spaces: [space('B-1')] }, { spaces: [space('B-2')] })
  assert.deepEqual([await planned(spaces), await planned(spaces)], ['B-1', 'B-2'])
  assert.deepEqual(cursors, [undefined, undefined])
})

test('a change of a bay that is not known has everything asked for', async () => {
  const { cursors, spaces } = scripted(
    { spaces: [], cursor: 'a.1' },
    { spaces: [space('B-9')], cursor: 'a.2', changesOnly: true },
    { spaces: [space('B-9')], cursor: 'a.2' },
  )
  assert.deepEqual([await planned(spaces), await planned(spaces)], [undefined, 'B-9'])
  assert.deepEqual(cursors, [undefined, 'a.1', undefined])
})

test('whoever asks while a question is under way gets the answer to a later one, shared', async () => {
  let release = () => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  let asked = 0
  const spaces = new LiveSpaces({
    async listSpaces() {
      const first = asked++ === 0
      if (first) await gate
      return { spaces: [first ? space('OLD') : space('NEW')] }
    },
  })
  const answers = Promise.all([planned(spaces), planned(spaces), planned(spaces)])
  release()
  assert.deepEqual(await answers, ['OLD', 'NEW', 'NEW'])
  assert.equal(asked, 2)
})

test('a question that fails does not stop the next', async () => {
  let asked = 0
  const spaces = new LiveSpaces({
    async listSpaces() {
      if (asked++ === 0) throw new Error('away')
      return { spaces: [space('B-1')] }
    },
  })
  const [first, second] = await Promise.allSettled([planned(spaces), planned(spaces)])
  assert.deepEqual([first.status, second.status], ['rejected', 'fulfilled'])
})

test('a list by the page is there as a whole, and begins anew when the platform says so', async () => {
  const { cursors, spaces } = scripted(
    { spaces: [space('OLD')], cursor: 'a.1.OLD', more: true },
    { spaces: [held('B-1')], cursor: 'b.1.B-1', more: true },
    { spaces: [space('B-2', 39.9133)], cursor: 'b.1', continued: true },
    { spaces: [], cursor: 'b.1', changesOnly: true },
  )
  const { index, byName } = await spaces.now('wx-1')
  assert.deepEqual([...byName.keys()], ['b-1', 'b-2'])
  assert.deepEqual([index.isFree('B-1'), index.isFree('B-2')], [false, true])
  await spaces.now('wx-2')
  assert.deepEqual(cursors, [undefined, 'a.1.OLD', 'b.1.B-1', 'b.1'])
})

test('changes by the page are all taken before anything is planned', async () => {
  const { cursors, spaces } = scripted(
    { spaces: [space('B-1'), space('B-2', 39.9133)], cursor: 'a.1' },
    { spaces: [held('B-1')], cursor: 'a.2', changesOnly: true, more: true },
    { spaces: [held('B-2')], cursor: 'a.3', changesOnly: true },
  )
  assert.equal(await planned(spaces), 'B-1')
  assert.equal(await planned(spaces), undefined)
  assert.deepEqual(cursors, [undefined, 'a.1', 'a.2'])
})

test('a list that never comes to its end is a fault with a name', async () => {
  let asked = 0
  const answered = (answer: () => Omit<SpaceList, 'spaces'>) =>
    new LiveSpaces({ listSpaces: async () => ({ spaces: [space('B-1')], ...answer() }) }).now('wx-1')
  await assert.rejects(
    answered(() => ({ cursor: `a.${asked++}`, more: true })),
    /began anew/,
  )
  await assert.rejects(
    answered(() => ({ cursor: 'a.1', more: true, continued: true })),
    SpacesUnsettled,
  )
  await assert.rejects(
    answered(() => ({ more: true })),
    /no cursor/,
  )
})
