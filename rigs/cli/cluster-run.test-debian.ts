import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../reference/package-root.js'

const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')

test('all scenarios pass on PostgreSQL and Mosquitto, with every party in a process of its own', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-cluster-run-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [LOCKSTEP, 'run', '--rig', 'cluster', '--evidence', folder],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  assert.equal(status, 0, `${stdout.slice(-6_000)}\n${stderr.slice(-2_000)}`)
  const processes = readdirSync(join(folder, 'timeline')).map((file) => file.replace(/\..*/, ''))
  for (const name of ['wechat', 'platform', 'cloud', 't-box', 'lock-L-18', 'lock-L-D1']) {
    assert.ok(processes.includes(name), `${name} has left no timeline of its own: ${processes.join(', ')}`)
  }
  const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as {
    attestation: Record<string, unknown>
  }
  const { broker, store } = record.attestation
  assert.deepEqual([broker, store], ['Mosquitto of Debian, TLS and access list', 'PostgreSQL of Debian'])
})
