import assert from 'node:assert/strict'
import type { Reservation } from '../../../reference/contracts/platform-api.js'
import type { Refusal } from '../../../reference/platform/problem.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'
import { seededRandom } from '../../simulated/seeded-random.js'
import { PlatformCore } from './platform-core.js'

const BAY = 'B-1'
const START_MS = Date.parse('2026-03-01T08:00:00Z')

export interface LastSpaceFigures {
  readonly rounds: number
  readonly requests: number
  readonly winners: number
}

/**
 * Round after round, many users ask for the one space at the same moment, some of them twice with the same key, on
 * as many instances of the platform as there are stores; then the winner gives it back, or lets it expire.
 * @param stores open the same data
 * @throws AssertionError as soon as a round has not exactly one winner, or a loser leaves a trace
 */
export async function raceForTheLastSpace(
  stores: readonly SqlStore[],
  { rounds, users, seed }: { readonly rounds: number; readonly users: number; readonly seed: number },
  progress: (round: number) => void = () => undefined,
): Promise<LastSpaceFigures> {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const clock = new ManualClock(START_MS)
  let ids = 0
  const newId = () => `id-${seed}-${++ids}`
  const cores: PlatformCore[] = []
  for (const store of stores) cores.push(await PlatformCore.start(store, clock, [BAY], newId, below))
  const [first] = cores
  if (!first) throw new RangeError('a race needs a store')
  await first.status(BAY, { online: true, bolt: 'up', bootCount: 1, occupied: false })
  const count = async (sql: string) => (await first.store.query<{ n: number }>(sql))[0]?.n

  let requests = 0
  for (let round = 1; round <= rounds; round++) {
    const ask = (user: number): Promise<Reservation | Refusal> => {
      requests++
      const core: PlatformCore = cores[below(cores.length)] ?? first
      return core.reservations.reserve({
        request: {
          bayId: BAY,
          location: { latitude: 31.23, longitude: 121.47 },
          userRef: `user-${user}`,
          symbology: 'qr',
        },
        idempotencyKey: `round-${round}-user-${user}`,
      })
    }
    const order = Array.from({ length: users }, (_, user) => user).sort(() => random() - 0.5)
    const asked = order.flatMap((user) => (random() < 0.1 ? [user, user] : [user]))
    const answers = await Promise.all(asked.map(async (user) => ({ user, answer: await ask(user) })))

    const winners = new Set<number>()
    const held = new Set<string>()
    for (const { user, answer } of answers) {
      if ('refused' in answer) {
        assert.equal(answer.refused, 'bay-taken')
        continue
      }
      winners.add(user)
      held.add(answer.reservationId)
    }
    assert.deepEqual([winners.size, held.size], [1, 1], `round ${round}: one user, one reservation`)
    const [id = ''] = held
    // No orphan: every trace in the store is the winner's.
    assert.equal(await count(`SELECT COUNT(*) AS n FROM platform_reservations`), round)
    assert.equal(await count(`SELECT COUNT(*) AS n FROM platform_idempotency_keys`), round)
    assert.equal(await count(`SELECT COUNT(*) AS n FROM platform_outbox WHERE kind = 'reserve'`), round)
    assert.equal(await count(`SELECT COUNT(*) AS n FROM platform_history WHERE state = 'held'`), round)
    assert.equal((await first.spaces())[0]?.reservation, 'held')

    if (random() < 0.5) {
      const given = await (cores[below(cores.length)] ?? first).reservations.cancel(id)
      assert.ok('state' in given && given.state === 'cancelled')
    } else {
      clock.advance(900_000)
      for (const core of cores) await core.advance(0)
    }
    assert.equal((await first.spaces())[0]?.reservation, 'none', `round ${round}: free again`)
    progress(round)
  }
  for (const core of cores) await core.stop()
  return { rounds, requests, winners: rounds }
}
