import { cpus } from 'node:os'
import { packageRoot } from '../../../reference/package-root.js'
import { runInUserModeLinux } from '../../emulation/user-mode-linux.js'
import { kernelEnvironment } from '../../emulation/kernel-environment.js'
import { fileURLToPath } from 'node:url'
import { measureLimit, LIMIT_BITRATES, type LimitRow } from './bus-limits.js'
import { measurePair, pythonCanIsHere, userSpacePairs } from './bus-pairs.js'
import type { BusRow } from './bus-row.js'
import { measureCodec, type CodecRow } from './codec-speed.js'
import { measureIsoTpRows, type IsoTpRow } from './iso-tp-rows.js'
import type { KernelRows } from './kernel-rows.js'
import { existsSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { MissingDebianPackages } from '../../emulation/debian-packages.js'

export interface CanBenchmark {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  /** What was compared with, or how to get it. */
  readonly pythonCan: string
  /** Ours beside python-can's on the same frames; the kernel's rows name the kernel that they were measured on. */
  readonly buses: readonly BusRow[]
  readonly limits: readonly LimitRow[]
  readonly kernel: { readonly measuredOn: string } | { readonly unavailable: string }
  readonly codec: readonly CodecRow[]
  readonly isoTp: readonly IsoTpRow[]
}

const KERNEL_DEADLINE_MS = 10 * 60_000
const INTERFACE = 'vcan0'
const KERNEL_ROWS = fileURLToPath(new URL('kernel-rows.js', import.meta.url))

function pythonCanVersion(): string {
  if (!pythonCanIsHere()) {
    return 'not here: apt-get install -y --no-install-recommends python3-can python3-msgpack'
  }
  const script = 'import can, platform; print(can.__version__, "on Python", platform.python_version())'
  return execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' }).trim()
}

/** Rows on a kernel's vcan: this machine's, else that of user-mode Linux, where our peer is measured too. */
async function measureKernel(
  progress: (what: string) => void,
): Promise<{ rows?: KernelRows; kernel: CanBenchmark['kernel'] }> {
  const command = [process.execPath, KERNEL_ROWS, INTERFACE]
  if (existsSync(`/sys/class/net/${INTERFACE}`)) {
    const [node = '', ...args] = command
    const env = { ...process.env, ...kernelEnvironment([INTERFACE]) }
    const printed = execFileSync(node, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    return { rows: JSON.parse(printed) as KernelRows, kernel: { measuredOn: "this machine's own kernel" } }
  }
  let json: string | undefined
  try {
    progress('booting user-mode Linux for the rows on a kernel')
    const { exitCode } = await runInUserModeLinux(
      {
        command,
        folder: packageRoot,
        environment: kernelEnvironment([INTERFACE]),
        writable: [],
        setUp: [`ip link add dev ${INTERFACE} type vcan`, `ip link set ${INTERFACE} up`],
      },
      KERNEL_DEADLINE_MS,
      (line) => {
        if (line.startsWith('{')) json = line
        else progress(line)
      },
    )
    if (exitCode !== 0 || json === undefined) {
      return { kernel: { unavailable: `the measurement in user-mode Linux ended with ${exitCode}` } }
    }
    return {
      rows: JSON.parse(json) as KernelRows,
      kernel: { measuredOn: 'user-mode Linux: one processor, slow system calls, for both sides' },
    }
  } catch (error) {
    if (!(error instanceof MissingDebianPackages)) throw error
    return { kernel: { unavailable: error.message } }
  }
}

/** Measures the CAN layer; takes about three minutes. */
export async function benchmarkCan(progress: (what: string) => void): Promise<CanBenchmark> {
  const buses: BusRow[] = []
  const limits: LimitRow[] = []
  for (const pair of userSpacePairs()) {
    buses.push(await measurePair(pair, progress))
    for (const bitrate of LIMIT_BITRATES) {
      progress(`${pair.ours}: the most that ${bitrate / 1_000} kbit/s can carry`)
      const address = pair.lockstep.inProcess ? { address: { bitrate }, inProcess: true } : pair.lockstep
      limits.push(await measureLimit(pair.ours, address, bitrate))
    }
  }
  const { rows, kernel } = await measureKernel(progress)
  progress('codec and ISO-TP')
  return {
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
    pythonCan: pythonCanVersion(),
    buses: [...buses, ...(rows?.buses ?? [])],
    limits: [...limits, ...(rows?.limits ?? [])],
    kernel,
    codec: measureCodec(),
    isoTp: await measureIsoTpRows(),
  }
}
