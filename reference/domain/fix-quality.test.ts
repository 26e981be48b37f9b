import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wgs84 } from './coordinates.js'
import { freshFix, judgeFix, NO_FIXES, type FixTrack, type FixVerdict } from './fix-quality.js'

const HOME = wgs84(31.2304, 121.4737)
/** About 111 m north. */
const AWAY = wgs84(31.2314, 121.4737)

function judgeAll(fixes: readonly { point: typeof HOME; hdop?: number }[]): [FixTrack, FixVerdict[]] {
  let track = NO_FIXES
  const verdicts = fixes.map(({ point, hdop = 0.9 }, index) => {
    const judged = judgeFix(track, { point, hdop }, index * 200)
    track = judged.track
    return judged.verdict
  })
  return [track, verdicts]
}

test('a fix with a great dilution is poor, and is no place to jump from', () => {
  const [track, verdicts] = judgeAll([{ point: AWAY, hdop: 5.1 }, { point: HOME, hdop: 5 }, { point: HOME }])
  assert.deepEqual(verdicts, ['poor', 'good', 'good'])
  assert.deepEqual(track.good?.point, HOME)
  assert.equal(judgeFix(NO_FIXES, { point: HOME, hdop: NaN }, 0).verdict, 'poor')
})

test('a jump is not believed, until five fixes in a row say the same', () => {
  const home = { point: HOME }
  const away = { point: AWAY }
  assert.deepEqual(judgeAll([home, away, away, away, away, home, away])[1].slice(1), [
    'jump',
    'jump',
    'jump',
    'jump',
    'good',
    'jump',
  ])
  const [track, verdicts] = judgeAll([home, away, away, away, away, away])
  assert.equal(verdicts.at(-1), 'good')
  assert.deepEqual(track.good?.point, AWAY)
})

test('fixes that jump about agree on nothing', () => {
  const about = [0, 1, 2, 3, 4, 5].map((step) => ({ point: wgs84(31.24 + step / 1000, 121.4737) }))
  const [track, verdicts] = judgeAll([{ point: HOME }, ...about])
  assert.ok(verdicts.slice(1).every((verdict) => verdict === 'jump'))
  assert.deepEqual(track.good?.point, HOME)
})

test('a good fix is fresh for ten seconds of hardware time', () => {
  const { track } = judgeFix(NO_FIXES, { point: HOME, hdop: 1 }, 1_000)
  assert.deepEqual(freshFix(track, 10_999)?.point, HOME)
  assert.equal(freshFix(track, 11_000), undefined)
})
