import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  ConstraintViolation,
  StatementFailed,
  StoreClosed,
  StoreUnavailable,
  type SqlStore,
} from '../../../reference/ports/sql-store.js'
import { sqlStoreConformance } from '../../conformance/sql-store.js'
import { startPostgresServer, type PostgresServer } from '../../debian-services/postgres-server.js'
import { NoAnswer } from './answer-limit.js'
import { openPostgresStore } from './postgres-store.js'
import { SilentLink } from './test-silent-link.js'

const WRITER = 'postgres-writer'

if (process.argv[2] === WRITER) {
  const store = await openPostgresStore(process.argv[3] ?? '')
  await store.execute('CREATE TABLE rows_kept (n INTEGER PRIMARY KEY)')
  for (let n = 0; n < 1_000_000; n++) {
    await store.transaction((session) => session.execute('INSERT INTO rows_kept VALUES (?)', [n]))
    process.send?.(n)
  }
} else {
  let server: PostgresServer
  let schemas = 0
  before(async () => void (server = await startPostgresServer()))
  after(() => server.close())
  const newUrl = () => server.url(`store_${++schemas}`)

  sqlStoreConformance('postgres', () => openPostgresStore(newUrl()))

  describe('postgres store', () => {
    const withStores = async (count: number, test: (...stores: SqlStore[]) => Promise<void>) => {
      const url = newUrl()
      const stores = await Promise.all(Array.from({ length: count }, () => openPostgresStore(url)))
      try {
        await test(...stores)
      } finally {
        for (const store of stores) await store.close()
      }
    }

    it('keeps every acknowledged row when writer and server die', async () => {
      const url = newUrl()
      const writer = fork(fileURLToPath(import.meta.url), [WRITER, url])
      let acknowledged = -1
      writer.on('message', (n: number) => {
        acknowledged = n
        if (n === 50) writer.kill('SIGKILL')
      })
      await once(writer, 'close')
      await server.crashAndRestart()
      const store = await openPostgresStore(url)
      const [row] = await store.query<{ kept: number }>('SELECT COUNT(*) AS kept FROM rows_kept')
      await store.close()
      assert.ok(acknowledged >= 50 && (row?.kept ?? 0) > acknowledged)
    })

    it('heals by itself when the server comes back', () =>
      withStores(1, async (store) => {
        await store.execute('CREATE TABLE marks (n INTEGER PRIMARY KEY)')
        const cut = store.transaction(async (session) => {
          await session.execute('INSERT INTO marks VALUES (1)')
          await server.crashAndRestart()
        })
        await assert.rejects(cut, StatementFailed)
        await store.transaction((session) => session.execute('INSERT INTO marks VALUES (2)'))
        assert.deepEqual(await store.query('SELECT n FROM marks'), [{ n: 2 }])
      }))

    it('serialises the transactions of several instances: what is read stays true until the commit', () =>
      withStores(3, async (...stores) => {
        await stores[0]?.execute('CREATE TABLE counters (n INTEGER NOT NULL)')
        await stores[0]?.execute('INSERT INTO counters VALUES (0)')
        const increment = (store: SqlStore) =>
          store.transaction(async (session) => {
            const [counter] = await session.query<{ n: number }>('SELECT n FROM counters')
            await session.execute('UPDATE counters SET n = ?', [(counter?.n ?? 0) + 1])
          })
        await Promise.all(Array.from({ length: 10 }, () => stores.map(increment)).flat())
        assert.deepEqual(await stores[0]?.query('SELECT n FROM counters'), [{ n: 30 }])
      }))

    it('refuses a value that its columns cannot hold, and says no value of it', () =>
      withStores(1, async (store) => {
        await store.execute('CREATE TABLE words (word TEXT, small INTEGER)')
        for (const [word, small] of [
          ['secret\u0000', 1],
          ['secret', 2 ** 40],
        ] as const) {
          await assert.rejects(store.execute('INSERT INTO words VALUES (?, ?)', [word, small]), (error) => {
            assert.ok(error instanceof ConstraintViolation && error.kind === 'value')
            return !/secret|1099511627776/.test(error.message)
          })
        }
        await assert.rejects(store.query('SELECT 9007199254740993::bigint AS n'), StatementFailed)
      }))

    it('says a statement again in a transaction after it failed, and after its table was changed', () =>
      withStores(1, async (store) => {
        await store.execute('CREATE TABLE marks (n INTEGER PRIMARY KEY)')
        const insert = (n: number) =>
          store.transaction(async (session) => session.write('INSERT INTO marks VALUES (?)', [n]))
        const all = () => store.transaction((session) => session.query('SELECT * FROM marks ORDER BY n'))
        await store.execute('INSERT INTO marks VALUES (1)')
        await assert.rejects(insert(1), ConstraintViolation)
        for (const n of [2, 3]) await insert(n)
        for (let i = 0; i < 2; i++) assert.deepEqual(await all(), [{ n: 1 }, { n: 2 }, { n: 3 }])
        await store.execute("ALTER TABLE marks ADD COLUMN word TEXT DEFAULT 'a'")
        await assert.rejects(all(), StatementFailed)
        assert.deepEqual((await all())[0], { n: 1, word: 'a' })
        const big = store.transaction((session) => session.query('SELECT 9007199254740993::bigint AS n'))
        await assert.rejects(big, StatementFailed)
        await insert(4)
      }))

    it('says what is wrong with a store that cannot be opened, without the password', async () => {
      const right = newUrl()
      const wrong = [
        'libsql:x',
        'postgres://[',
        right.replace('schema=', 'schema=Not%20a%20name'),
        right.replace(/:[0-9a-f]{32}@/, ':hunter2@'),
        right.replace(/@127\.0\.0\.1:\d+/, '@127.0.0.1:1'),
      ]
      for (const url of wrong) {
        await assert.rejects(openPostgresStore(url), (error) => {
          assert.ok(error instanceof StoreUnavailable, String(error))
          return !error.message.includes('hunter2') && !error.message.includes(new URL(right).password)
        })
      }
    })

    it('names a statement that fails, and a session that outlives its transaction', () =>
      withStores(1, async (store) => {
        await assert.rejects(store.execute('SELEC 1'), StatementFailed)
        const session = await store.transaction(async (open) => open)
        await assert.rejects(session.query('SELECT 1 AS one'), StoreClosed)
      }))

    describe(
      'behind a connection on which the server falls silent',
      { concurrency: true, timeout: 30_000 },
      () => {
        const answerLimitMs = 2_000
        const gaveUp = (error: unknown) =>
          error instanceof StatementFailed &&
          error.cause instanceof NoAnswer &&
          /no answer/.test(error.message)
        /** The test makes it silent; afterwards the store must work, and all of it. */
        const silently = async (test: (store: SqlStore, link: SilentLink) => Promise<void>) => {
          const link = await SilentLink.to(newUrl())
          try {
            const store = await openPostgresStore(link.url, { answerLimitMs })
            await store.execute('CREATE TABLE marks (n INTEGER PRIMARY KEY)')
            await test(store, link)
            await store.transaction((session) => session.execute('INSERT INTO marks VALUES (2)'))
            assert.deepEqual(await store.query('SELECT n FROM marks'), [{ n: 2 }])
            await store.close()
          } finally {
            await link.close()
          }
        }

        it('gives up a transaction, and goes on with those that wait behind it', () =>
          silently(async (store, link) => {
            let behind: Promise<string> | undefined
            const cut = store.transaction(async (session) => {
              await session.execute('INSERT INTO marks VALUES (1)')
              link.fallSilent()
              behind = store.transaction(async () => 'done')
              await session.execute('INSERT INTO marks VALUES (3)')
            })
            await assert.rejects(cut, gaveUp)
            assert.equal(await behind, 'done')
          }))

        it('gives up a statement outside a transaction', () =>
          silently(async (store, link) => {
            link.fallSilent()
            await assert.rejects(store.execute('DELETE FROM marks'), gaveUp)
            assert.deepEqual(await store.query('SELECT n FROM marks'), [])
            link.fallSilent()
            await assert.rejects(store.query('SELECT n FROM marks WHERE n > ?', [0]), gaveUp)
          }))

        it('gives up the end of a transaction that failed by itself', () =>
          silently(async (store, link) => {
            const failing = store.transaction(async (session) => {
              await session.execute('INSERT INTO marks VALUES (1)')
              link.fallSilent()
              throw new RangeError('of its own')
            })
            await assert.rejects(failing, RangeError)
          }))

        it('allows each answer that time, and a transaction longer', () =>
          silently((store) =>
            store.transaction(async (session) => {
              for (let i = 0; i < 3; i++) await session.query('SELECT pg_sleep(0.8)')
            }),
          ))

        it('cannot be opened', async () => {
          const link = await SilentLink.to(newUrl())
          link.fallSilentAt('SHOW fsync')
          try {
            await assert.rejects(openPostgresStore(link.url, { answerLimitMs }), (error) => {
              return error instanceof StoreUnavailable && /no answer/.test(error.message)
            })
          } finally {
            await link.close()
          }
        })
      },
    )
  })
}
