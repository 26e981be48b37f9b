import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SlcanClock } from './slcan-clock.js'

/** @param frames the adapter's stamp and the host's time of arrival, milliseconds */
function stamps(...frames: readonly (readonly [stampMs: number, hostMs: number])[]): number[] {
  const clock = new SlcanClock(1_000)
  return frames.map(([stampMs, hostMs]) => clock.unwrap(stampMs, hostMs) / 1_000)
}

describe('SLCAN time stamps', () => {
  test('time goes on where the stamps start again', () => {
    assert.deepEqual(stamps([59_990, 1_000], [59_999, 1_009], [3, 1_013]), [59_990, 59_999, 60_003])
  })

  test('silences of minutes are told by the clock of the host', () => {
    assert.deepEqual(
      stamps([100, 1_000], [100, 61_000], [100, 241_003], [99, 600_999]),
      [100, 60_100, 240_100, 600_099],
    )
  })

  test('frames that are read late keep their distances', () => {
    assert.deepEqual(
      stamps([100, 1_000], [10_000, 50_000], [30_000, 50_000], [49_100, 50_000]),
      [100, 10_000, 30_000, 49_100],
    )
  })

  test('a crystal that is a little slow or fast does not lose a minute in a month', () => {
    for (const speed of [0.9995, 1.0005]) {
      const clock = new SlcanClock(0)
      for (let hostMs = 0; hostMs < 30 * 86_400_000; hostMs += 50_000) {
        const adapterMs = Math.round(hostMs * speed)
        assert.equal(clock.unwrap(adapterMs % 60_000, hostMs), adapterMs * 1_000)
      }
    }
  })

  test('what bears no stamp gets the time between, and no time runs back', () => {
    const clock = new SlcanClock(0)
    assert.equal(clock.now(5), 5_000)
    assert.equal(clock.unwrap(2, 6), 60_002_000, 'a first stamp that is behind is of another minute')
    assert.equal(clock.now(16), 60_012_000)
    assert.equal(clock.unwrap(11, 17), 60_012_000)
    assert.equal(clock.unwrap(13, 17), 60_013_000)
  })
})
