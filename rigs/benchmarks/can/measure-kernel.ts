import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../reference/package-root.js'
import { MissingDebianPackages } from '../../emulation/debian-packages.js'
import { GuestFailed } from '../../emulation/guest-console.js'
import { kernelEnvironment } from '../../emulation/kernel-environment.js'
import { runInUserModeLinux } from '../../emulation/user-mode-linux.js'
import type { KernelRows } from './kernel-rows.js'

/** Which kernel's CAN was measured, or why none was. */
export type KernelSource = { readonly measuredOn: string } | { readonly unavailable: string }

export interface KernelMeasurement {
  readonly rows?: KernelRows
  readonly kernel: KernelSource
}

const DEADLINE_MS = 10 * 60_000
const INTERFACE = 'vcan0'
const COMMAND = [process.execPath, fileURLToPath(new URL('kernel-rows.js', import.meta.url)), INTERFACE]

/** Of what kernel-rows.js prints, the line that is no progress. */
const isRows = (line: string) => line.startsWith('{')

function measureOwnKernel(): KernelMeasurement {
  const [node = '', ...args] = COMMAND
  const printed = execFileSync(node, args, {
    env: { ...process.env, ...kernelEnvironment([INTERFACE]) },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: DEADLINE_MS,
  })
  const rows = JSON.parse(printed.split('\n').find(isRows) ?? '') as KernelRows
  return { rows, kernel: { measuredOn: "this machine's own kernel" } }
}

async function measureGuest(progress: (what: string) => void): Promise<KernelMeasurement> {
  let json: string | undefined
  const { exitCode } = await runInUserModeLinux(
    {
      command: COMMAND,
      folder: packageRoot,
      environment: kernelEnvironment([INTERFACE]),
      writable: [],
      setUp: [`ip link add dev ${INTERFACE} type vcan`, `ip link set ${INTERFACE} up`],
    },
    DEADLINE_MS,
    (line) => {
      if (isRows(line)) json = line
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
}

/** Rows on a kernel's vcan: this machine's, else that of user-mode Linux, where our peer is measured too. */
export async function measureKernel(progress: (what: string) => void): Promise<KernelMeasurement> {
  if (existsSync(`/sys/class/net/${INTERFACE}`)) return measureOwnKernel()
  try {
    progress('booting user-mode Linux for the rows on a kernel')
    return await measureGuest(progress)
  } catch (error) {
    // The other rows are not lost for it.
    if (!(error instanceof MissingDebianPackages || error instanceof GuestFailed)) throw error
    return { kernel: { unavailable: error.message } }
  }
}
