import { seededRandom } from '../../simulated/seeded-random.js'
import { Cluster, type Victim } from './cluster.js'
import { comesToRest, requireClusterInvariants } from './cluster-invariants.js'
import { journey, type JourneyEnd } from './cluster-journey.js'
import { ClusterUser } from './cluster-user.js'

const VICTIMS: readonly Victim[] = ['platform', 'cloud', 'broker', 'store']
/** A journey without a crash has about so many messages on its wires. */
const MESSAGES_OF_A_JOURNEY = 30

export interface CrashFigures {
  readonly journeys: number
  readonly crashes: Readonly<Record<string, number>>
  readonly completed: number
  readonly refused: Readonly<Record<string, number>>
  /** Messages that WeChat was given a second time. */
  readonly saidTwice: number
}

/**
 * Journey after journey, in each of which one party or server is killed at a message that the seed chooses, and comes
 * back.
 * @throws AssertionError with the journey's number, at the first invariant that is broken
 */
export async function crashJourneys(
  { journeys, seed }: { readonly journeys: number; readonly seed: number },
  progress: (journey: number) => void = () => undefined,
): Promise<CrashFigures> {
  const random = seededRandom(seed)
  const cluster = await Cluster.start({ platforms: 1, clouds: 1, bays: 1 })
  const crashes: Record<string, number> = {}
  const refused: Record<string, number> = {}
  let completed = 0
  let saidTwice = 0
  try {
    const [lock] = cluster.locks
    if (!lock) throw new Error('the cluster has no lock')
    await comesToRest(cluster)
    for (let n = 1; n <= journeys; n++) {
      const user = await ClusterUser.create(cluster.phones, true)
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'platform'
      const at = 1 + Math.floor(random() * MESSAGES_OF_A_JOURNEY)
      cluster.evidence.happened('journey', { n, victim, at })
      cluster.crashAt(at, victim)
      try {
        const end: JourneyEnd = await journey(user, lock, cluster.recovery)
        await cluster.whole()
        await comesToRest(cluster)
        await requireClusterInvariants(cluster)
        crashes[victim] = (crashes[victim] ?? 0) + 1
        if (end === 'completed') completed++
        else refused[end] = (refused[end] ?? 0) + 1
        saidTwice += repeated(user)
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause)
        cluster.evidence.happened('failed', { n, what, heard: user.heard })
        const kept = cluster.evidence.keep(`crash-journeys-${seed}`)
        throw new Error(
          `journey ${n} (seed ${seed}), ${victim} killed at message ${at}: ${what}; timelines in ${kept}`,
          { cause },
        )
      }
      progress(n)
    }
    return { journeys, crashes, completed, refused, saidTwice }
  } finally {
    await cluster.close()
  }
}

function repeated({ heard }: ClusterUser): number {
  const once = heard.flatMap(({ text, kind }) =>
    kind === 'text' && /已开锁|已停入|已驶离/.test(text ?? '') ? [text] : [],
  )
  return once.length - new Set(once).size
}
