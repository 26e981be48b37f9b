import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sqlStoreConformance } from '../../conformance/sql-store.js'
import { StatementFailed, StoreClosed, StoreUnavailable } from '../../../reference/ports/sql-store.js'
import { openLibsqlStore } from './libsql-store.js'

const WRITER = 'libsql-writer'

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'libsql-store-'))
  try {
    await test(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

if (process.argv[2] === WRITER) {
  const store = await openLibsqlStore(process.argv[3] ?? '')
  await store.execute('CREATE TABLE rows_kept (n INTEGER PRIMARY KEY)')
  for (let n = 0; n < 1_000_000; n++) {
    await store.execute('INSERT INTO rows_kept VALUES (?)', [n])
    process.send?.(n)
    await new Promise(setImmediate)
  }
} else {
  sqlStoreConformance('libsql', () => openLibsqlStore('libsql::memory:'))

  describe('libsql store', () => {
    it('keeps every acknowledged row when its process is killed', () =>
      inFolder(async (folder) => {
        const url = `libsql:${join(folder, 'kept.db')}`
        const writer = fork(fileURLToPath(import.meta.url), [WRITER, url])
        let acknowledged = -1
        writer.on('message', (n: number) => {
          acknowledged = n
          if (n === 50) writer.kill('SIGKILL')
        })
        await once(writer, 'close')
        const store = await openLibsqlStore(url)
        const [row] = await store.query<{ kept: number }>('SELECT COUNT(*) AS kept FROM rows_kept')
        await store.close()
        assert.ok(acknowledged >= 50 && (row?.kept ?? 0) > acknowledged)
      }))

    it('says a statement again after it failed, and after its table was changed', async () => {
      const store = await openLibsqlStore('libsql::memory:')
      await store.execute('CREATE TABLE marks (n INTEGER PRIMARY KEY)')
      const insert = 'INSERT INTO marks (n) VALUES (?)'
      await store.execute(insert, [1])
      await assert.rejects(
        store.transaction(async (session) => {
          await session.execute(insert, [2])
          await session.execute(insert, [1])
        }),
        { name: 'ConstraintViolation' },
      )
      await store.execute(insert, [3])
      const all = 'SELECT * FROM marks ORDER BY n'
      assert.deepEqual(await store.query(all), [{ n: 1 }, { n: 3 }])
      await store.execute("ALTER TABLE marks ADD COLUMN word TEXT DEFAULT 'a'")
      assert.deepEqual(await store.query(all), [
        { n: 1, word: 'a' },
        { n: 3, word: 'a' },
      ])
      for (let n = 4; n < 600; n++) await store.execute(`INSERT INTO marks (n) VALUES (${n})`)
      await store.execute(insert, [600])
      assert.equal((await store.query(all)).length, 599)
      await store.close()
    })

    it('shares a file with another writer', () =>
      inFolder(async (folder) => {
        const url = `libsql:${join(folder, 'shared.db')}`
        const stores = await Promise.all([openLibsqlStore(url), openLibsqlStore(url)])
        await stores[0]?.execute('CREATE TABLE marks (n INTEGER PRIMARY KEY)')
        for (const [n, store] of stores.entries()) await store.execute('INSERT INTO marks VALUES (?)', [n])
        assert.equal((await stores[0]?.query('SELECT n FROM marks'))?.length, 2)
        for (const store of stores) await store.close()
      }))

    it('says what is wrong with a store that cannot be opened', () =>
      inFolder(async (folder) => {
        for (const url of ['postgres://x', 'libsql:', `libsql:${join(folder, 'absent', 'x.db')}`]) {
          await assert.rejects(openLibsqlStore(url), StoreUnavailable)
        }
      }))

    it('names a statement that fails, and a session that outlives its transaction', async () => {
      const store = await openLibsqlStore('libsql::memory:')
      await assert.rejects(store.execute('SELEC 1'), StatementFailed)
      const session = await store.transaction(async (open) => open)
      await assert.rejects(session.query('SELECT 1 AS one'), StoreClosed)
      await store.close()
    })
  })
}
