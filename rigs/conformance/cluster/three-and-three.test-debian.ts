import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { seededRandom } from '../../simulated/seeded-random.js'
import { Cluster } from './cluster.js'
import { comesToRest, requireClusterInvariants } from './cluster-invariants.js'
import { journey, type JourneyEnd } from './cluster-journey.js'
import { ClusterUser } from './cluster-user.js'

const BAYS = 4
const ROUNDS = 3
const SEED = 33

describe('three clouds and three platforms on PostgreSQL and Mosquitto', () => {
  let cluster: Cluster
  before(async () => {
    cluster = await Cluster.start({ platforms: 3, clouds: 3, bays: BAYS })
    await comesToRest(cluster)
  })
  after(() => cluster.close())

  const beginLines = (heard: ClusterUser['heard']) =>
    heard.flatMap(({ kind, text, title }) =>
      kind === 'notice' ? [] : [(title ?? text ?? kind).slice(0, 12)],
    )

  it('says each thing once while nobody dies, whichever instance is asked', async () => {
    const users = await Promise.all(cluster.locks.map(() => ClusterUser.create(cluster.phones)))
    const ends = await Promise.all(
      cluster.locks.map((lock, n) => journey(userAt(users, n), lock, cluster.recovery)),
    )
    assert.deepEqual(
      ends,
      cluster.locks.map(() => 'completed'),
    )
    await comesToRest(cluster)
    await requireClusterInvariants(cluster)
    for (const { heard } of users) {
      const said = beginLines(heard)
      assert.equal(new Set(said).size, said.length, `said twice: ${said.join(' | ')}`)
      assert.ok(said.includes('image'))
    }
    // One state, one webhook: no event went out from two instances.
    const events = cluster.passed
      .filter(({ wire }) => wire === 'webhook')
      .map(({ asked }) => (JSON.parse(asked) as { eventId: string }).eventId)
    assert.equal(new Set(events).size, events.length)
  })

  it('keeps its promises while instances are killed for good and others join', async () => {
    const random = seededRandom(SEED)
    const ends: JourneyEnd[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const users = await Promise.all(cluster.locks.map(() => ClusterUser.create(cluster.phones)))
      const journeys = cluster.locks.map((lock, n) => journey(userAt(users, n), lock, cluster.recovery))
      // The one that speaks for all is the first of each at the beginning, so it dies in the first round.
      const changes = (['platform', 'cloud'] as const).map(async (party) => {
        await cluster.reaches(10 + Math.floor(random() * 40))
        await cluster.lose(party, round === 0 ? 0 : Math.floor(random() * 3))
        await cluster.add(party)
      })
      ends.push(...(await Promise.all(journeys)))
      await Promise.all(changes)
      await comesToRest(cluster)
      await requireClusterInvariants(cluster)
    }
    const completed = ends.filter((end) => end === 'completed').length
    assert.ok(completed >= (BAYS * ROUNDS) / 2, ends.join(', '))
    const opened = cluster.locks.reduce((sum, { openings }) => sum + openings, 0)
    assert.equal(
      opened,
      BAYS + completed,
      'each journey that was completed opened its bay once, and none else did',
    )
  })
})

function userAt(users: readonly ClusterUser[], n: number): ClusterUser {
  const user = users[n]
  if (!user) throw new RangeError(`there is no user ${n}`)
  return user
}
