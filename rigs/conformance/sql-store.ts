import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConstraintViolation, type SqlStore, type SqlTransaction } from '../../reference/ports/sql-store.js'

const SCHEMA = [
  `CREATE TABLE bays (bay_id TEXT PRIMARY KEY, price INTEGER NOT NULL CHECK (price >= 0))`,
  `CREATE TABLE holds (
     hold_id TEXT PRIMARY KEY,
     bay_id TEXT NOT NULL REFERENCES bays (bay_id),
     active BIGINT NOT NULL,
     weight DOUBLE PRECISION
   )`,
  `CREATE UNIQUE INDEX one_active_hold ON holds (bay_id) WHERE active = 1`,
]

/**
 * What every SQL store must do.
 * @param open opens an empty store
 */
export function sqlStoreConformance(name: string, open: () => Promise<SqlStore>): void {
  const withStore = (test: (store: SqlStore) => Promise<void>) => async () => {
    const store = await open()
    try {
      for (const statement of SCHEMA) await store.execute(statement)
      await store.execute('INSERT INTO bays VALUES (?, ?)', ['B-1', 500])
      await test(store)
    } finally {
      await store.close()
    }
  }

  const kindOf = (error: unknown) => (error instanceof ConstraintViolation ? error.kind : String(error))
  const refusal = (kind: ConstraintViolation['kind']) => (error: unknown) =>
    error instanceof ConstraintViolation && error.kind === kind

  describe(`SQL store ${name}`, () => {
    it(
      'gives values back as they were written',
      withStore(async (store) => {
        await store.execute('INSERT INTO holds VALUES (?, ?, ?, ?)', ['h', 'B-1', 1_800_000_000_000, 0.1])
        const rows = await store.query<{ hold_id: string; active: number; weight: number }>(
          'SELECT hold_id, active, weight FROM holds WHERE bay_id = ?',
          ['B-1'],
        )
        assert.deepEqual(
          rows.map((row) => ({ ...row })),
          [{ hold_id: 'h', active: 1_800_000_000_000, weight: 0.1 }],
        )
      }),
    )

    it(
      'counts the rows that a write touched',
      withStore(async (store) => {
        const update = 'UPDATE bays SET price = ? WHERE bay_id = ?'
        assert.equal((await store.execute(update, [1, 'B-1'])).rowsAffected, 1)
        assert.equal((await store.execute(update, [1, 'B-2'])).rowsAffected, 0)
      }),
    )

    it(
      'names the constraint that refuses a write',
      withStore(async (store) => {
        const bay = (id: string, price: number | null) =>
          store.execute('INSERT INTO bays VALUES (?, ?)', [id, price])
        await assert.rejects(bay('B-1', 1), refusal('unique'))
        await assert.rejects(bay('B-2', -1), refusal('check'))
        await assert.rejects(bay('B-2', null), refusal('not-null'))
        await assert.rejects(
          store.execute('INSERT INTO holds VALUES (?, ?, ?, ?)', ['h', 'nowhere', 1, null]),
          refusal('foreign-key'),
        )
      }),
    )

    it(
      'lets one of many racing writers through a partial unique index',
      withStore(async (store) => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, i) =>
            store.transaction(async (session) => {
              await session.execute('INSERT INTO holds VALUES (?, ?, ?, ?)', [`over-${i}`, 'B-1', 0, null])
              await session.execute('INSERT INTO holds VALUES (?, ?, ?, ?)', [`hold-${i}`, 'B-1', 1, null])
            }),
          ),
        )
        assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') assert.ok(refusal('unique')(outcome.reason))
        }
        assert.equal(
          (await store.query('SELECT hold_id FROM holds')).length,
          2,
          'losers leave nothing behind',
        )
      }),
    )

    it(
      'undoes a transaction whose work fails, and passes the failure on',
      withStore(async (store) => {
        const failure = new Error('on purpose')
        const work = store.transaction(async (session) => {
          await session.execute('INSERT INTO bays VALUES (?, ?)', ['B-2', 1])
          throw failure
        })
        await assert.rejects(work, failure)
        assert.equal((await store.query('SELECT bay_id FROM bays')).length, 1)
      }),
    )

    it(
      'has what was written without waiting in what is asked next, and in the commit',
      withStore(async (store) => {
        const seen = await store.transaction(async (session) => {
          session.write('INSERT INTO bays VALUES (?, ?)', ['B-2', 1])
          session.write('UPDATE bays SET price = price + ? WHERE bay_id = ?', [1, 'B-2'])
          const rows = await session.query<{ price: number }>('SELECT price FROM bays WHERE bay_id = ?', [
            'B-2',
          ])
          session.write('DELETE FROM bays WHERE bay_id = ?', ['B-1'])
          return rows.map(({ price }) => price)
        })
        assert.deepEqual(seen, [2])
        const left = await store.query<{ bay_id: string }>('SELECT bay_id FROM bays')
        assert.deepEqual(
          left.map(({ bay_id: id }) => id),
          ['B-2'],
        )
      }),
    )

    it(
      'takes all of a transaction back for one write that is refused, and names the first, alone or among others',
      withStore(async (store) => {
        const twice = (id: string, price: number, then: (session: SqlTransaction) => Promise<unknown>) =>
          store.transaction((session) => {
            session.write('INSERT INTO bays VALUES (?, ?)', [id, 1])
            session.write('INSERT INTO bays VALUES (?, ?)', [`${id}-minus`, price])
            session.write('INSERT INTO bays VALUES (?, ?)', [id, 1])
            return then(session)
          })
        const asks = (session: SqlTransaction) => session.query('SELECT bay_id FROM bays')
        const rests = async () => undefined
        for (const then of [rests, asks]) {
          await assert.rejects(twice('C-1', -1, then), refusal('check'))
          await assert.rejects(twice('C-1', 1, then), refusal('unique'))
          const good = (id: string) =>
            store.transaction(async (session) => session.write('INSERT INTO bays VALUES (?, ?)', [id, 1]))
          const outcomes = await Promise.allSettled([
            good(`G-${then.name}`),
            twice('C-1', -1, then),
            good(`H-${then.name}`),
            twice('C-1', 1, then),
          ])
          const reasons = outcomes.map((one) => (one.status === 'fulfilled' ? 'done' : kindOf(one.reason)))
          assert.deepEqual(reasons, ['done', 'check', 'done', 'unique'])
        }
        const left = await store.query<{ bay_id: string }>('SELECT bay_id FROM bays ORDER BY bay_id')
        assert.deepEqual(
          left.map(({ bay_id: id }) => id),
          ['B-1', 'G-asks', 'G-rests', 'H-asks', 'H-rests'],
        )
      }),
    )

    it(
      'commits nothing of a work that goes on after a refusal',
      withStore(async (store) => {
        const work = store.transaction(async (session) => {
          session.write('INSERT INTO bays VALUES (?, ?)', ['B-2', 1])
          session.write('INSERT INTO bays VALUES (?, ?)', ['B-1', 1])
        })
        await assert.rejects(work, refusal('unique'))
        assert.equal((await store.query('SELECT bay_id FROM bays')).length, 1)
        await store.transaction(async (session) => session.write('DELETE FROM bays'))
        assert.equal((await store.query('SELECT bay_id FROM bays')).length, 0, 'the next one is not affected')
      }),
    )

    it(
      'keeps statements from outside apart from an open transaction',
      withStore(async (store) => {
        let outside: Promise<object[]> | undefined
        const inside = store.transaction(async (session) => {
          await session.execute('INSERT INTO bays VALUES (?, ?)', ['B-2', 1])
          outside = store.query('SELECT bay_id FROM bays')
          await session.query('SELECT 1 AS one')
          await session.execute('DELETE FROM bays WHERE bay_id = ?', ['B-2'])
        })
        await inside
        assert.equal((await outside)?.length, 1, 'the uncommitted row was never seen')
      }),
    )

    it(
      'ends every transaction that was begun before it is closed',
      withStore(async (store) => {
        const writes = Array.from({ length: 100 }, (_, i) =>
          store.transaction((session) => session.execute('INSERT INTO bays VALUES (?, ?)', [`C-${i}`, 1])),
        )
        await Promise.all([store.close(), ...writes])
      }),
    )

    it(
      'refuses use after close, and closes twice without harm',
      withStore(async (store) => {
        await store.close()
        await store.close()
        await assert.rejects(store.query('SELECT 1 AS one'))
      }),
    )
  })
}
