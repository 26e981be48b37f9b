import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLibsqlStore } from './libsql-store.js'

test('a store, its WAL and its index are their owner’s alone: new ones, and those that were not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-private-'))
  const umask = process.umask(0)
  t.after(() => {
    process.umask(umask)
    rmSync(folder, { recursive: true, force: true })
  })
  const modes = () =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]))
  const owned = { 'a.db': 0o600, 'a.db-wal': 0o600, 'a.db-shm': 0o600 }
  const url = `libsql:${join(folder, 'a.db')}`
  const store = await openLibsqlStore(url)
  await store.execute('CREATE TABLE codes (code TEXT)')
  assert.deepEqual(modes(), owned)
  // As a process that was killed leaves them, in the modes of an earlier release.
  for (const name of Object.keys(owned)) {
    copyFileSync(join(folder, name), join(folder, name.replace('a.', 'b.')))
    chmodSync(join(folder, name.replace('a.', 'b.')), 0o644)
  }
  await store.close()
  const again = await openLibsqlStore(`libsql:${join(folder, 'b.db')}`)
  await again.query('SELECT * FROM codes')
  const { 'b.db': file, 'b.db-wal': log, 'b.db-shm': index } = modes()
  assert.deepEqual([file, log, index], [0o600, 0o600, 0o600])
  await again.close()
})
