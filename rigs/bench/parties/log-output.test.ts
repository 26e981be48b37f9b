import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { LogOutput } from './log-output.js'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lockstep-log-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n')
const LOSS = /^\{"at":"[^"]+","event":"log-lines-lost","lines":(\d+)\}$/

test('a full disk costs lines, and nothing else', { skip: process.platform !== 'linux' }, () => {
  const output = LogOutput.file('/dev/full')
  for (let n = 0; n < 3; n++) output.write('a line\n')
  output.close()
})

test('a pipe whose reader stands still costs lines, which are counted and reported when it reads again', (t) => {
  const pipe = join(folder(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  assert.throws(() => LogOutput.file(pipe), { name: 'RigUnavailable' })
  const reader = openSync(pipe, 'r+')
  const output = LogOutput.file(pipe)
  const line = `${'x'.repeat(1_023)}\n`
  for (let n = 0; n < 100; n++) output.write(line)
  const held = Buffer.alloc(1_048_576)
  const kept = held.subarray(0, readSync(reader, held)).toString().split('\n').length - 1
  assert.ok(kept > 0 && kept < 100, `${kept} lines fit`)
  output.write('later\n')
  output.close()
  const [loss = '', later] = held.subarray(0, readSync(reader, held)).toString().split('\n')
  assert.equal(Number(LOSS.exec(loss)?.[1]), 100 - kept)
  assert.equal(later, 'later')
})

test('a file that has grown to its limit is put aside once, and both are for their owner alone', (t) => {
  const file = join(folder(t), 'party.log')
  const output = LogOutput.file(file, 100)
  for (let n = 0; n < 50; n++) output.write(`line ${n}\n`)
  output.close()
  assert.equal(lines(file).at(-1), 'line 49')
  const [size, before] = [statSync(file).size, statSync(`${file}.1`).size]
  assert.ok(size <= 110 && before >= 100 && before <= 110, `${size} and ${before} bytes`)
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('where it cannot be put aside it ends at twice its limit', (t) => {
  const file = join(folder(t), 'party.log')
  execFileSync('mkdir', ['-p', `${file}.1/in-use`])
  const output = LogOutput.file(file, 100)
  for (let n = 0; n < 500; n++) output.write(`line ${n}\n`)
  output.close()
  assert.ok(statSync(file).size <= 300)
})

test('a file that another program has moved is begun anew', (t) => {
  const file = join(folder(t), 'party.log')
  let nowMs = 0
  t.mock.method(performance, 'now', () => nowMs)
  const output = LogOutput.file(file)
  output.write('before\n')
  renameSync(file, `${file}.moved`)
  nowMs = 10_000
  output.write('after\n')
  output.close()
  assert.deepEqual(lines(file), ['after'])
  assert.deepEqual(lines(`${file}.moved`), ['before'])
})
