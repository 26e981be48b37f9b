import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ProofFile, readProof } from './proof-file.js'
import { SAFE_STATE_FILE, type SafeStateAttempt } from './safe-state.js'

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const attempt = (reason: SafeStateAttempt['reason'], confirmed: boolean): SafeStateAttempt => ({
  reason,
  confirmed,
  problem: confirmed ? null : 'no answer',
  readback: null,
  startedAt: '2026-12-01T00:00:00.000Z',
  finishedAt: '2026-12-01T00:00:01.000Z',
})

test('all attempts are in one proof, which speaks of the last; another supervisor goes on with it', (t) => {
  const folder = folderFor(t)
  const file = new ProofFile(folder)
  file.end(attempt('client-lost', false))
  const proof = file.end(attempt('asked', true))
  assert.deepEqual(readProof(folder), proof)
  assert.deepEqual([proof.confirmed, proof.attempts.map(({ confirmed }) => confirmed)], [true, [false, true]])
  const next = new ProofFile(folder).end(attempt('by-hand', true))
  assert.equal(next.attempts.length, 3)
})

test('a supervisor that is killed in an attempt, or after a controller came, leaves no confirmed proof', (t) => {
  const folder = folderFor(t)
  const file = new ProofFile(folder)
  file.end(attempt('asked', true))
  file.controllerCame()
  assert.equal(readProof(folder)?.confirmed, false)
  file.end(attempt('asked', true))
  file.begin('by-hand')
  const open = readProof(folder)
  assert.deepEqual([open?.confirmed, open?.reason, open?.attempts.length], [false, 'by-hand', 2])
})

test('a proof that cannot be written is not confirmed, and no older one stays in its place', (t) => {
  const folder = folderFor(t)
  const file = new ProofFile(folder)
  file.end(attempt('asked', true))
  mkdirSync(join(folder, `${SAFE_STATE_FILE}.part`, 'x'), { recursive: true })
  const proof = file.end(attempt('asked', true))
  assert.equal(proof.confirmed, false)
  assert.match(proof.problem ?? '', /cannot be written/)
  assert.equal(existsSync(join(folder, SAFE_STATE_FILE)), false)
})

test('of many attempts the last hundred stay, and those before are counted', (t) => {
  const file = new ProofFile(folderFor(t))
  let proof = file.end(attempt('asked', true))
  for (let i = 0; i < 120; i++) proof = file.end(attempt('client-lost', true))
  assert.deepEqual([proof.attempts.length, proof.earlierAttempts], [100, 21])
})
