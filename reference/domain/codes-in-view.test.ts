import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CodesInView } from './codes-in-view.js'

const looks = (view: CodesInView, count: number, texts: string[] = []) =>
  Array.from({ length: count }, () => view.look(texts)).flat()

test('a code that stays is new once, whatever comes and goes beside it, and again after it has left', () => {
  const view = new CodesInView(4)
  assert.deepEqual(view.look(['a']), ['a'])
  assert.deepEqual(view.look(['a', 'b', 'b']), ['b'])
  assert.deepEqual(looks(view, 3, ['a']), [])
  assert.deepEqual(view.look(['b', 'a']), [], 'three looks without it are frames that missed it')
  assert.deepEqual(looks(view, 4, ['a']), [])
  assert.deepEqual(view.texts, ['a'])
  assert.deepEqual(view.look(['b', 'a']), ['b'])
})

test('two codes that are read in turns are two presentations, not one each time', () => {
  const view = new CodesInView(4)
  const seen = Array.from({ length: 40 }, (_, i) => view.look([i % 2 ? 'a' : 'b'])).flat()
  assert.deepEqual(seen, ['b', 'a'])
})

test('surroundings that are read now and then are news less and less often', () => {
  const view = new CodesInView(4, () => true)
  let news = 0
  for (let look = 0; look < 36_000; look++) news += view.look(look % 10 === 0 ? ['sticker'] : []).length
  assert.equal(news, 3, 'an hour at ten looks a second')
  looks(view, 600)
  assert.deepEqual(view.look(['sticker']), ['sticker'], 'a minute away is away')
})

test('a flood of different texts takes no more memory', () => {
  const view = new CodesInView(4, () => true)
  for (let n = 0; n < 10_000; n++) assert.deepEqual(view.look([`text ${n}`]), [`text ${n}`])
  assert.ok(view.texts.length <= 64)
})
