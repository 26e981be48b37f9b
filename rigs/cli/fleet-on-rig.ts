import { cpus } from 'node:os'
import type { InventoryItem } from '../../reference/contracts/platform-api.js'
import { Bench } from '../bench/bench.js'
import { endInterrupted } from '../bench/end-interrupted.js'
import { lendBench } from '../bench/lent-bench.js'
import { loadIntoPlatform } from '../bench/people/load-inventory.js'
import { loadProfile } from '../bench/profile.js'
import type { UnlockTime } from '../bench/stage/unlock-time.js'
import { FleetChild } from '../fleet/fleet-child.js'
import { PLAYED_BOLT, type FleetPlan } from '../fleet/fleet-plan.js'
import { failuresOf, type FleetReport, type UnlockLatency } from '../fleet/fleet-report.js'
import { modelOf, sizeOf, type FleetRequest } from '../fleet/fleet-size.js'
import { latencyOf } from '../fleet/fleet-tally.js'
import { PartyMeter } from '../fleet/party-meter.js'
import { untilLocksAreSeen } from '../fleet/until-locks-are-seen.js'
import { UsageError } from './failure-exit.js'
import { ScenarioRounds } from './scenario-rounds.js'

export interface FleetOnRig {
  readonly rig: string
  readonly request: FleetRequest
  readonly bays: readonly InventoryItem[]
  /** Where the bays are from, for the report. */
  readonly source: string
  readonly evidenceFolder: string
  readonly paths: readonly string[]
  readonly tags?: string | undefined
  /** Of the bench's lock, that are timed before there is a fleet. */
  readonly unloadedOpenings: number
  readonly progress: (what: string) => void
}

/** The chosen scenarios may open nothing. */
const ROUNDS_WITHOUT_AN_OPENING = 2

const vehicleIds = (count: number) => Array.from({ length: count }, (_, n) => `FV-${n + 1}`)

/**
 * Brings a bench and its parties up, plays a fleet against them, and has the bench's own lock run its scenarios again
 * and again meanwhile.
 * @throws UsageError, RigUnavailable, RigFault, FleetFailed, SafeStateUnconfirmed
 */
export async function playFleetOnRig(asked: FleetOnRig): Promise<FleetReport> {
  const { rig, request, bays, progress } = asked
  refuseStrangers(asked)
  const size = sizeOf(request)
  const rounds = await ScenarioRounds.load(asked)
  const guests = { locks: bays.map(({ lockId }) => lockId), vehicles: vehicleIds(size.vehicles) }
  progress(`starting the rig ${rig}`)
  const bench = await Bench.start({ rig, evidenceFolder: asked.evidenceFolder }, undefined, guests)
  let fleet: FleetChild | undefined
  const stop = () => fleet?.stop()
  process.on('SIGINT', stop).on('SIGTERM', stop)
  void bench.safeByHand.then(() => endInterrupted(bench, 'made safe by hand (lockstep safe)'))
  lendBench(bench)
  try {
    await bench.beginScenario('fleet')
    const stage = await bench.openStage()
    await bench.endScenario()
    const unloaded = await runUnloaded(rounds, bench.parts.unlockTimes, asked)

    const { untapped } = bench.urls ?? { untapped: { phone: '', platform: '' } }
    const { secrets, brokerAccess } = bench.parts
    progress(`handing ${bays.length} bays to the platform`)
    await loadIntoPlatform(bays, untapped.platform, secrets.operatorToken)
    const plan: FleetPlan = {
      bays: bays.map(({ bayId, lockId, location }) => ({ bayId, lockId, location })),
      locks: guests.locks.map(brokerAccess),
      vehicles: guests.vehicles.map(brokerAccess),
      users: size.users,
      phone: { url: untapped.phone, appId: secrets.appId, controlToken: secrets.controlToken },
      model: modelOf(request, size),
      seconds: request.seconds,
      patienceSeconds: request.patienceSeconds,
      fixSeconds: request.fixSeconds,
      ...PLAYED_BOLT,
    }
    fleet = await FleetChild.connect(plan, ({ locks, vehicles, users }) =>
      progress(`connected: ${locks} locks, ${vehicles} cars, ${users} users`),
    )
    progress('waiting until the platform knows of every lock')
    await untilLocksAreSeen(stage.operator, plan.bays)
    const before = bench.parts.unlockTimes.length
    const meter = PartyMeter.start()
    const { figures, endedAt } = await underLoad(fleet, rounds, meter, progress)
    const loaded = bench.parts.unlockTimes.slice(before).filter(({ at }) => at <= endedAt)
    const parties = meter?.rows()
    const report: Omit<FleetReport, 'failures'> = {
      played: { ...request, ...size },
      against: `the rig ${rig}`,
      machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
      bays: asked.source,
      figures,
      ...(parties && { parties }),
      bench: {
        selection: rounds.selection,
        rounds: rounds.rounds,
        scenarios: rounds.counts,
        unlock: { unloaded: unlockLatency(unloaded), loaded: unlockLatency(loaded) },
      },
      contracts: bench.contracts.map(({ wire, checked, violations }) => ({
        wire,
        checked,
        violations: violations.length,
        ...(violations[0] && { first: `${violations[0].party}: ${violations[0].what}` }),
      })),
    }
    return { ...report, failures: failuresOf(report) }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    lendBench(undefined)
    await fleet?.close()
    await bench.close()
  }
}

/** Bays of a city that the rig has itself, or a broker that cannot be told of a fleet. @throws UsageError */
function refuseStrangers({ rig, bays }: FleetOnRig): void {
  const profile = loadProfile(rig)
  const own = new Set(profile.bays.flatMap(({ bayId, lockId }) => [bayId, lockId]))
  const twice = bays.find(({ bayId, lockId }) => own.has(bayId) || own.has(lockId))
  if (twice) {
    throw new UsageError(`the rig ${rig} has a bay ${twice.bayId} of its own: give the fleet's another name`)
  }
  const { url, passwords = {} } = profile.broker
  const unknown = /^mqtts?:/.test(url) && bays.find(({ lockId }) => passwords[lockId] === undefined)
  if (unknown) {
    throw new UsageError(
      `the broker ${url} runs already, and the profile has no password for the fleet's lock ${unknown.lockId} ` +
        '(broker.passwords); or play against your parties with --config',
    )
  }
}

/** The bench's lock before there is a fleet. */
async function runUnloaded(
  rounds: ScenarioRounds,
  times: readonly UnlockTime[],
  { unloadedOpenings, progress }: FleetOnRig,
): Promise<UnlockTime[]> {
  for (let round = 1; times.length < unloadedOpenings; round++) {
    if (times.length === 0 && round > ROUNDS_WITHOUT_AN_OPENING) break
    progress(`the bench's own lock without a fleet, round ${round}`)
    await rounds.run(({ name }, passed) => progress(`  ${passed ? 'passed' : 'FAILED'}: ${name}`))
  }
  return [...times]
}

/** Scenarios, one round after the other, until the fleet has been played. */
async function underLoad(
  fleet: FleetChild,
  rounds: ScenarioRounds,
  meter: PartyMeter | undefined,
  progress: (what: string) => void,
) {
  let endedAt: number | undefined
  const playing = fleet
    .play(({ offered, underWay, ended, waitingForUser }) => {
      meter?.look()
      progress(
        `journeys: ${offered} offered, ${underWay} under way, ${ended} ended` +
          (waitingForUser > 0 ? `, ${waitingForUser} wait for a free user` : ''),
      )
    })
    .finally(() => (endedAt = performance.now()))
  // A fleet that fails while a scenario runs is told when that has ended.
  playing.catch(() => undefined)
  while (endedAt === undefined) {
    await rounds.run(({ name }, passed) => progress(`  ${passed ? 'passed' : 'FAILED'}: ${name}`))
  }
  return { figures: await playing, endedAt }
}

function unlockLatency(times: readonly UnlockTime[]): UnlockLatency {
  return {
    wall: latencyOf(times.map(({ wallMs }) => wallMs)),
    hardware: latencyOf(times.map(({ hardwareMs }) => hardwareMs)),
  }
}
