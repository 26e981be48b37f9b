import { writeFileSync } from 'node:fs'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

/** What can be measured: each gives its figures as JSON or as tables. */
const BENCHMARKS: Readonly<
  Record<string, (progress: (what: string) => void, json: boolean, picture?: string) => Promise<string>>
> = {
  can: async (progress, json) => {
    const { benchmarkCan } = await import('../benchmarks/can/bench-can.js')
    const { canTables } = await import('../benchmarks/can/can-tables.js')
    const figures = await benchmarkCan(progress)
    return json ? JSON.stringify(figures) : canTables(figures)
  },
  lock: async (progress, json) => {
    const { benchmarkLock } = await import('../benchmarks/lock/bench-lock.js')
    const { lockTables } = await import('../benchmarks/lock/lock-tables.js')
    const figures = await benchmarkLock(progress)
    return json ? JSON.stringify(figures) : lockTables(figures)
  },
  platform: async (progress, json, picture) => {
    const { benchmarkPlatform } = await import('../benchmarks/platform/bench-platform.js')
    const { platformTables } = await import('../benchmarks/platform/platform-tables.js')
    const figures = await benchmarkPlatform(progress)
    if (picture !== undefined) {
      const { fleetPicture } = await import('../benchmarks/platform/fleet-picture.js')
      writeFileSync(picture, fleetPicture(figures.fleets))
    }
    return json ? JSON.stringify(figures) : platformTables(figures)
  },
  scan: async (progress, json) => {
    const { benchmarkScan } = await import('../benchmarks/scan/bench-scan.js')
    const { scanTables } = await import('../benchmarks/scan/scan-tables.js')
    const figures = await benchmarkScan(progress)
    return json ? JSON.stringify(figures) : scanTables(figures)
  },
  wechat: async (progress, json) => {
    const { benchmarkWeChat, weChatTable } = await import('../benchmarks/wechat/bench-wechat.js')
    const figures = await benchmarkWeChat(progress)
    return json ? JSON.stringify(figures) : weChatTable(figures)
  },
}

/**
 * Measures a part of Lockstep, beside its peers where this machine has them.
 * @throws UsageError for a name that is none
 */
export async function bench(
  name: string,
  { json, picture }: { json?: true; picture?: string },
): Promise<number> {
  const measure = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined
  if (!measure) {
    const known = Object.keys(BENCHMARKS).join(', ')
    throw new UsageError(`there is no benchmark ${JSON.stringify(name)}; known: ${known}`)
  }
  if (picture !== undefined && name !== 'platform') {
    throw new UsageError(`--picture is for bench platform, not for ${name}`)
  }
  console.log(await measure((what) => console.error(`bench ${name}: ${what}`), json === true, picture))
  return EXIT.passed
}
