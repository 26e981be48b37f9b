import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanFilter } from '../ports/can-bus.js'
import { canFilter, InvalidCanFilter } from './can-filter.js'

const heard = (filters: readonly CanFilter[] | undefined, ids: readonly (readonly [number, boolean])[]) => {
  const passes = canFilter(filters)
  return ids.filter(([id, extended]) => passes({ id, extended, data: new Uint8Array(0) }))
}

const FRAMES = [
  [0x105, false],
  [0x105, true],
  [0x106, false],
  [0x1fffffff, true],
] as const

test('without filters every frame passes, with an empty list none', () => {
  assert.deepEqual(heard(undefined, FRAMES), FRAMES)
  assert.deepEqual(heard([], FRAMES), [])
})

test('a frame passes when any filter matches it in the bits of its mask', () => {
  assert.deepEqual(heard([{ id: 0x104, mask: 0x7fe }], FRAMES), [FRAMES[0], FRAMES[1]])
  assert.deepEqual(
    heard(
      [
        { id: 0x106, mask: 0x7ff },
        { id: 0x1fffffff, mask: 0x1fffffff },
      ],
      FRAMES,
    ),
    [FRAMES[2], FRAMES[3]],
  )
})

test('a filter for one format does not match the other', () => {
  assert.deepEqual(heard([{ id: 0x105, mask: 0x7ff, extended: true }], FRAMES), [FRAMES[1]])
})

test('an inverted filter passes what does not match, the other format too', () => {
  assert.deepEqual(
    heard([{ id: 0x105, mask: 0x7ff, extended: false, invert: true }], FRAMES),
    FRAMES.slice(1),
  )
})

test('a filter that is none is refused, whatever type it comes in', () => {
  for (const wrong of [
    { id: -1, mask: 0x7ff },
    { id: 0x20000000, mask: 0x7ff },
    { id: 0x105, mask: Number.NaN },
    { id: '105', mask: 0x7ff },
    { id: 0x105, mask: 0x7ff, invert: 1 },
  ]) {
    assert.throws(() => canFilter([wrong as CanFilter]), InvalidCanFilter)
  }
})
