import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createUnlockCode } from '../../reference/domain/unlock-code.js'
import { filesWithCodes } from './leak-check.js'

test('a code in clear is found in any text file, and nothing else is taken for one', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-leak-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'timeline'))
  const code = createUnlockCode(randomInt)
  const misread = code.slice(0, -1) + String((Number(code.at(-1)) + 1) % 10)
  writeFileSync(join(folder, 'run.json'), `{"monotonic":"${code}0","n":"${misread}"}`)
  writeFileSync(join(folder, 'code.png'), code)
  assert.deepEqual(filesWithCodes(folder), [])
  writeFileSync(join(folder, 'timeline', 'lock.ndjson'), `{"body":{"text":"code ${code}."}}\n`)
  writeFileSync(join(folder, 'junit.xml'), `<failure>${code}</failure>`)
  assert.deepEqual(filesWithCodes(folder), ['junit.xml', join('timeline', 'lock.ndjson')])
})
