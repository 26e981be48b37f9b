import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { processorSeconds, runTier } from './run-tier.js'

test('a tier is run to its end: exit code, output in order, processor time of its processes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tier-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, 'tier.log')
  const burn = 'for ((i = 0; i < 200000; i++)); do :; done'
  const command = `echo one; echo two >&2; bash -c '${burn}'; exit 7; echo never`
  const result = await runTier({ name: 'a tier', command, budgetMinutes: 1 }, folder, log)
  assert.equal(result.exitCode, 7)
  assert.match(readFileSync(log, 'utf8'), /one/)
  assert.match(readFileSync(log, 'utf8'), /two/)
  assert.doesNotMatch(readFileSync(log, 'utf8'), /never/)
  assert.ok(result.processorSeconds > 0.05, `${result.processorSeconds} s`)
})

test('a command that does not exist is a failure, with its message in the log', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tier-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, 'tier.log')
  const result = await runTier({ name: 'a tier', command: 'no-such-command', budgetMinutes: 1 }, folder, log)
  assert.equal(result.exitCode, 127)
  assert.match(readFileSync(log, 'utf8'), /no-such-command/)
})

test("the children's times are read, not the shell's own", () => {
  assert.equal(processorSeconds('0m9.000s 0m9.000s\n1m2.500s 0m6.250s\n'), 68.75)
  assert.ok(Number.isNaN(processorSeconds('')))
})
