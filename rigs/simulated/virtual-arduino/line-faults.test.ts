import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spoilLine } from './line-faults.js'

const sent = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251)

test('Bytes get lost and come in at the share that was asked for, the same for the same seed', () => {
  const lossy = spoilLine({ loss: 0.1, garbage: 0, seed: 3 })(sent)
  assert.ok(Math.abs(lossy.length - 9_000) < 150, `${lossy.length} bytes`)
  const noisy = spoilLine({ loss: 0, garbage: 0.1, seed: 3 })(sent)
  assert.ok(Math.abs(noisy.length - 11_000) < 150, `${noisy.length} bytes`)
  assert.deepEqual(
    spoilLine({ loss: 0.1, garbage: 0.1, seed: 4 })(sent),
    spoilLine({ loss: 0.1, garbage: 0.1, seed: 4 })(sent),
  )
  assert.deepEqual(spoilLine({ loss: 0, garbage: 0, seed: 1 })(sent), sent)
})

test('A share that is none is refused', () => {
  for (const loss of [-0.1, 1.1, NaN])
    assert.throws(() => spoilLine({ loss, garbage: 0, seed: 1 }), RangeError)
})
