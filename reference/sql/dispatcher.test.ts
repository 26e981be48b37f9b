import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Delivered, DispatcherParts } from './dispatcher.js'
import type { Outgoing } from './lanes.js'
import { emptied, instance, outbox, receiver } from './test-outbox.js'

interface Life {
  /** Of the messages, in order. */
  readonly keys: readonly string[]
  /** Of each attempt, whether it fails. */
  readonly fails: readonly boolean[]
  /** After so many deliveries. */
  readonly deaths: readonly number[]
  readonly concurrency: number
}

/** Sends an outbox empty, through failures and deaths. @returns the sequences that came, by key */
async function liveThrough({ keys, fails, deaths, concurrency }: Life): Promise<Map<string, number[]>> {
  // Half of it is there before, half comes while others are on their way.
  const early = Math.ceil(keys.length / 2)
  const store = await outbox(keys.slice(0, early))
  const late = keys.slice(early)
  let posted = early
  const { got, take } = receiver()
  const outcomes = [...fails]
  const deathsAt = [...new Set(deaths)].sort((a, b) => a - b)
  const start = () => {
    let underWay = 0
    const inHand = new Set<string>()
    const made = instance(store, {
      concurrency,
      async deliver(message): Promise<Delivered> {
        assert.ok(++underWay <= concurrency, 'too many at once')
        const [key] = late.splice(0, 1)
        if (key !== undefined) {
          await store.execute('INSERT INTO outbox VALUES (?, ?)', [++posted, key])
          void made.dispatcher.kick()
        }
        await new Promise((resolve) => setImmediate(resolve))
        assert.ok(!inHand.has(message.key) || made.isDead(), 'two of one key at once')
        inHand.add(message.key)
        await new Promise((resolve) => setImmediate(resolve))
        inHand.delete(message.key)
        underWay--
        if (made.isDead()) return made.never()
        if (outcomes.shift()) throw new Error('not taken')
        take(message)
        if (got.length !== deathsAt[0]) return 'done'
        // Killed with the message out and nothing struck out.
        deathsAt.shift()
        made.kill()
        running = start()
        return made.never()
      },
    })
    void made.dispatcher.kick()
    return made
  }
  let running = start()
  await emptied(store)
  await running.dispatcher.close()
  await store.close()
  const byKey = new Map<string, number[]>()
  for (const { key, sequence } of got) byKey.set(key, [...(byKey.get(key) ?? []), sequence])
  return byKey
}

test('whatever fails and whoever is killed, each message comes, in order within its key, at most one of a key again for each death', async () => {
  const life: fc.Arbitrary<Life> = fc.record({
    keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 }),
    fails: fc.array(fc.boolean(), { maxLength: 40 }),
    deaths: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
    concurrency: fc.integer({ min: 1, max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(life, async (each) => {
      for (const [key, came] of await liveThrough(each)) {
        const wanted = each.keys.flatMap((of, n) => (of === key ? [n + 1] : []))
        assert.deepEqual([...new Set(came)], wanted)
        assert.ok(came.length - wanted.length <= each.deaths.length, `${key}: ${came.join()}`)
        const inOrder = [...came].sort((a, b) => a - b)
        assert.deepEqual(came, inOrder, 'a repetition after a later one')
      }
    }),
    { numRuns: 60, seed: 20_261 },
  )
})

test('a message that fails holds up its own key only', async (t) => {
  const store = await outbox(['bad', 'good', 'bad', 'good', 'better'])
  t.after(() => store.close())
  const { got, take, reaches } = receiver()
  let isBad = true
  const { dispatcher, log } = instance(store, {
    async deliver(message) {
      if (message.key === 'bad' && isBad) throw new Error('not taken')
      take(message)
      return 'done'
    },
  })
  t.after(() => dispatcher.close())
  void dispatcher.kick()
  await reaches(3)
  assert.deepEqual(got.map(({ sequence }) => sequence).sort(), [2, 4, 5])
  isBad = false
  await emptied(store)
  assert.deepEqual(
    got.slice(3).map(({ sequence }) => sequence),
    [1, 3],
  )
  assert.ok(!log.some(({ event }) => event === 'test-receiver-down'), 'one key is not the receiver')
})

test('a receiver that is down is tried with one message at a time, and gets all when it is back', async (t) => {
  const keys = Array.from({ length: 200 }, (_, n) => `key-${n}`)
  const store = await outbox(keys)
  t.after(() => store.close())
  const { got, take } = receiver()
  let isDown = true
  let tries = 0
  let pauses = 0
  const { dispatcher, log } = instance(store, {
    concurrency: 8,
    retryMs: (failures) => failures,
    async deliver(message) {
      tries++
      if (isDown) throw new Error('nobody is there')
      take(message)
      return 'done'
    },
    log: {
      record: (event, fields = {}) => {
        log.push({ event, fields })
        if (event === 'test-receiver-down' && ++pauses === 6) isDown = false
      },
    },
  })
  t.after(() => dispatcher.close())
  await dispatcher.kick()
  await emptied(store)
  assert.equal(got.length, keys.length)
  // Those that were on their way when the fifth had failed, and one after each pause.
  assert.ok(tries - got.length <= 8 + 4 + 5, `${tries - got.length} tries while it was down`)
  assert.deepEqual(
    log.filter(({ event }) => event === 'test-receiver-down').map(({ fields }) => fields['pauseMs']),
    [1, 2, 3, 4, 5, 6],
  )
  assert.equal(log.filter(({ event }) => event === 'test-receiver-back').length, 1)
})

test('a refusal of messages is no sign that the receiver is down', async (t) => {
  const store = await outbox(['a', 'b', 'c', 'd', 'e', 'f', 'good'])
  t.after(() => store.close())
  const { take, reaches } = receiver()
  const { dispatcher, log } = instance(store, {
    isReceiverDown: () => false,
    concurrency: 1,
    retryMs: () => 60_000,
    async deliver(message) {
      if (message.key !== 'good') throw new Error('refused')
      take(message)
      return 'done'
    },
  })
  t.after(() => dispatcher.close())
  void dispatcher.kick()
  await reaches(1)
  assert.ok(!log.some(({ event }) => event === 'test-receiver-down'))
})

test('a message that is delivered and cannot be struck out does not go out again', async (t) => {
  const store = await outbox(['a', 'a'])
  t.after(() => store.close())
  const { got, take } = receiver()
  let refusals = 3
  const { dispatcher } = instance(store, {
    deliver: async (message) => (take(message), 'done'),
    async remove(session, [sequence = 0]) {
      if (refusals-- > 0) throw new Error('the store is away')
      await session.execute('DELETE FROM outbox WHERE sequence = ?', [sequence])
    },
  })
  t.after(() => dispatcher.close())
  void dispatcher.kick()
  await emptied(store)
  assert.deepEqual(
    got.map(({ sequence }) => sequence),
    [1, 2],
  )
})

test('each message is read once, however many wait', async (t) => {
  const keys = Array.from({ length: 1_200 }, (_, n) => `key-${n % 400}`)
  const store = await outbox(keys)
  t.after(() => store.close())
  const { got, take } = receiver()
  let read = 0
  const parts: Partial<DispatcherParts<Outgoing>> = {
    deliver: async (message) => (take(message), 'done'),
    async pending(session, { after, most }) {
      const page = await session.query<Outgoing>(
        'SELECT sequence, key FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?',
        [after, most],
      )
      read += page.length
      return page
    },
  }
  const { dispatcher } = instance(store, parts)
  t.after(() => dispatcher.close())
  for (let n = 0; n < 50; n++) void dispatcher.kick()
  await emptied(store)
  assert.deepEqual([got.length, read], [keys.length, keys.length])
})

test('an awaited message holds its key until it is answered, and goes again when asked', async (t) => {
  const store = await outbox(['a', 'a', 'b'])
  t.after(() => store.close())
  const { got, take, reaches } = receiver()
  const { dispatcher } = instance(store, { deliver: async (message) => (take(message), 'awaited') })
  t.after(() => dispatcher.close())
  void dispatcher.kick()
  await reaches(2)
  await dispatcher.again('a')
  await reaches(3)
  assert.deepEqual(
    got.map(({ sequence }) => sequence),
    [1, 3, 1],
  )
  dispatcher.answered('a', 1)
  await reaches(4)
  assert.equal(got.at(-1)?.sequence, 2)
  dispatcher.answered('a', 1)
  await dispatcher.settled()
  assert.equal(got.length, 4, 'an answer to an earlier one is none to this')
})

test('what is kept goes again after a restart, and what was removed meanwhile does not', async (t) => {
  const store = await outbox(['a', 'b', 'a'])
  t.after(() => store.close())
  const { got, take, reaches } = receiver()
  const { dispatcher } = instance(store, { deliver: async (message) => (take(message), 'kept') })
  t.after(() => dispatcher.close())
  void dispatcher.kick()
  await reaches(3)
  await store.execute('DELETE FROM outbox WHERE sequence = 1')
  await dispatcher.restart()
  await reaches(5)
  assert.deepEqual(
    got.slice(3).map(({ sequence }) => sequence),
    [2, 3],
  )
})

test('what is kept of a key goes again once, however many ask for it at the same moment', async (t) => {
  const store = await outbox(['a', 'a', 'b'])
  t.after(() => store.close())
  const { got, take, reaches } = receiver()
  const { dispatcher } = instance(store, { deliver: async (message) => (take(message), 'kept') })
  t.after(() => dispatcher.close())
  void dispatcher.kick()
  await reaches(3)
  await Promise.all([dispatcher.again('a'), dispatcher.again('a'), dispatcher.again('a')])
  await dispatcher.settled()
  assert.deepEqual(
    got.slice(3).map(({ sequence }) => sequence),
    [1, 2],
  )
})

test('messages of a key that is held wait, and no others', async (t) => {
  const store = await outbox(['a', 'b'])
  t.after(() => store.close())
  const { got, take, reaches } = receiver()
  const { dispatcher } = instance(store, { deliver: async (message) => (take(message), 'done') })
  t.after(() => dispatcher.close())
  let free: () => void = () => undefined
  dispatcher.hold('a', new Promise<void>((resolve) => (free = resolve)))
  await dispatcher.kick()
  await reaches(1)
  assert.deepEqual(
    got.map(({ key }) => key),
    ['b'],
  )
  free()
  await reaches(2)
})

test('an instance that has lost its duty sends nothing more, and begins anew when it has it again', async (t) => {
  const store = await outbox(['a', 'a', 'a'])
  t.after(() => store.close())
  const { got, take, reaches } = receiver()
  let held = true
  const { dispatcher } = instance(store, {
    onDuty: () => held,
    async deliver(message) {
      take(message)
      held = got.length !== 1
      return 'done'
    },
  })
  t.after(() => dispatcher.close())
  await dispatcher.kick()
  await reaches(1)
  await dispatcher.settled()
  assert.equal(got.length, 1)
  dispatcher.letGo()
  // Another instance has sent the second.
  await store.execute('DELETE FROM outbox WHERE sequence = 2')
  held = true
  await dispatcher.kick()
  await emptied(store)
  assert.deepEqual(
    got.map(({ sequence }) => sequence),
    [1, 3],
  )
})
