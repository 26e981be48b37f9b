import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { cpuSecondsOf } from '../benchmarks/can/process-cpu.js'

/** What one party's processes have used. */
export interface PartyUsage {
  readonly party: string
  readonly cpuSeconds: number
  /** Resident memory now, bytes. */
  readonly rssBytes: number
}

interface Found {
  readonly pid: number
  readonly parent: number
  readonly argv: readonly string[]
}

function read(pid: number): Found | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return { pid, parent, argv }
  } catch {
    return undefined // it has just ended
  }
}

function rssBytesOf(pid: number): number {
  try {
    return 1_024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** `lockstep serve PARTY --config …/NAME.yaml` is NAME; `…/board-process.js` is board; another program its own name. */
export function partyOfCommand(argv: readonly string[]): string {
  const serve = argv.indexOf('serve')
  const config = argv.indexOf('--config')
  if (serve >= 0 && config >= 0) return basename(argv[config + 1] ?? '', '.yaml')
  const script = argv.map((word) => /([\w-]+)-process\.js$/.exec(word)?.[1]).find(Boolean)
  if (script) return script
  return basename((argv[0] ?? '').split(' ')[0] ?? '').replace(/:$/, '') || 'a process that has ended'
}

/**
 * This process, called `runner`, and all that it has started, by what they are.
 * @returns undefined where there is no /proc
 */
export function partyUsage(root = process.pid): PartyUsage[] | undefined {
  let pids: number[]
  try {
    pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return undefined
  }
  const all = pids.flatMap((pid) => read(pid) ?? [])
  const mine = new Set([root])
  for (let grown = -1; grown !== mine.size;) {
    grown = mine.size
    for (const { pid, parent } of all) if (mine.has(parent)) mine.add(pid)
  }
  const usage = new Map<string, PartyUsage>()
  for (const { pid, argv } of all) {
    if (!mine.has(pid)) continue
    const party = pid === root ? 'runner' : partyOfCommand(argv)
    const before = usage.get(party) ?? { party, cpuSeconds: 0, rssBytes: 0 }
    usage.set(party, {
      party,
      cpuSeconds: before.cpuSeconds + (cpuSecondsOf(pid) ?? 0),
      rssBytes: before.rssBytes + rssBytesOf(pid),
    })
  }
  return [...usage.values()]
}
