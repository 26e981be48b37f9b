import { cpus } from 'node:os'
import type { InventoryItem } from '../../reference/contracts/platform-api.js'
import { loadIntoPlatform } from '../bench/people/load-inventory.js'
import { PlatformClient } from '../bench/people/platform-client.js'
import { FleetChild } from '../fleet/fleet-child.js'
import { accessOf, type FleetConfig } from '../fleet/fleet-config.js'
import { PLAYED_BOLT } from '../fleet/fleet-plan.js'
import { failuresOf, type FleetReport } from '../fleet/fleet-report.js'
import { modelOf, sizeOf, type FleetRequest } from '../fleet/fleet-size.js'
import { untilLocksAreSeen } from '../fleet/until-locks-are-seen.js'

export interface FleetOnParties {
  readonly config: FleetConfig
  readonly request: FleetRequest
  readonly bays: readonly InventoryItem[]
  /** Where the bays are from, for the report. */
  readonly source: string
  readonly progress: (what: string) => void
}

/**
 * Plays a fleet against parties that are there already.
 * @throws FleetFailed, PlatformLoadFailed, LocksNotSeen, InvalidSettings
 */
export async function playFleetOnParties(asked: FleetOnParties): Promise<FleetReport> {
  const { config, request, bays, progress } = asked
  const { platform, wechat, vehicles } = config
  const size = sizeOf(request)
  const vehicleIds = Array.from({ length: size.vehicles }, (_, n) =>
    vehicles.pattern.replace('{n}', String(n + 1)),
  )
  if (platform) {
    progress(`handing ${bays.length} bays to the platform`)
    await loadIntoPlatform(bays, platform.url, platform.operatorToken)
  }
  const plan = {
    bays: bays.map(({ bayId, lockId, location }) => ({ bayId, lockId, location })),
    locks: accessOf(
      bays.map(({ lockId }) => lockId),
      config.broker,
    ),
    vehicles: accessOf(vehicleIds, config.broker),
    users: size.users,
    phone: { url: wechat.url, appId: wechat.appId, controlToken: wechat.controlToken ?? '' },
    model: modelOf(request, size),
    seconds: request.seconds,
    patienceSeconds: request.patienceSeconds,
    fixSeconds: request.fixSeconds,
    ...PLAYED_BOLT,
  }
  const fleet = await FleetChild.connect(plan, ({ locks, vehicles, users }) =>
    progress(`connected: ${locks} locks, ${vehicles} cars, ${users} users`),
  )
  const stop = () => fleet.stop()
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    if (platform) {
      progress('waiting until the platform knows of every lock')
      await untilLocksAreSeen(new PlatformClient(platform.url, platform.operatorToken), plan.bays)
    }
    const figures = await fleet.play(({ offered, underWay, ended }) =>
      progress(`journeys: ${offered} offered, ${underWay} under way, ${ended} ended`),
    )
    const report: Omit<FleetReport, 'failures'> = {
      played: { ...request, ...size },
      against: platform ? `${platform.url} and ${wechat.url}` : wechat.url,
      machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
      bays: asked.source,
      figures,
    }
    return { ...report, failures: failuresOf(report) }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await fleet.close()
  }
}
