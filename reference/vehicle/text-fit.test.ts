import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrapText } from './text-fit.js'

/** A font whose characters are as wide as they are high. */
const square = (text: string, sizePixels: number) => [...text].length * sizePixels
const SIZES = { largest: 100, smallest: 40 }

test('a short text is as large as may be', () => {
  assert.deepEqual(wrapText('东区', { width: 400, height: 200 }, SIZES, square), {
    lines: ['东区'],
    sizePixels: 100,
  })
})

test('a long text becomes smaller and takes more lines', () => {
  const { lines, sizePixels } = wrapText('地下二层东区十七号车位', { width: 400, height: 200 }, SIZES, square)
  assert.equal(lines.join(''), '地下二层东区十七号车位')
  assert.ok(sizePixels < 100 && lines.length * sizePixels * 1.2 <= 200)
  assert.ok(lines.every((line) => square(line, sizePixels) <= 400))
})

test('what does not fit at all is cut, and says so', () => {
  const { lines } = wrapText('车'.repeat(100), { width: 400, height: 100 }, SIZES, square)
  assert.ok(lines.at(-1)?.endsWith('…'))
  assert.ok(lines.length * 40 * 1.2 <= 100)
})
