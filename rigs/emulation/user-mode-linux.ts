import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireDebianPackages } from './debian-packages.js'
import { followGuest, type GuestOutcome } from './guest-console.js'
import { lastProcessor, memoryFolder } from './guest-host.js'
import { GUEST_TEMPORARY, jobScript, type GuestJob, type GuestMarks } from './guest-job.js'

const NEEDED = [
  { command: 'linux.uml', package: 'user-mode-linux' },
  { command: 'taskset', package: 'util-linux' },
  { command: 'insmod', package: 'kmod' },
  { command: 'ip', package: 'iproute2' },
  { command: 'candump', package: 'can-utils' },
  { command: 'socat', package: 'socat' },
]

/** Below `/usr/lib/uml/modules/VERSION/kernel`, each after those that it needs. */
const MODULES = [
  'net/can/can',
  'net/can/can-raw',
  'net/can/can-bcm',
  'net/can/can-gw',
  'drivers/net/can/dev/can-dev',
  'drivers/net/can/vcan',
  'drivers/net/can/vxcan',
  'drivers/net/can/slcan/slcan',
  // A queue that is slow on purpose, for the test of a full one.
  'net/sched/sch_tbf',
]
const MEMORY_MIB = 2_048

function initScript(job: GuestJob, marks: GuestMarks): string {
  return `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mkdir -p ${GUEST_TEMPORARY}
${job.writable.map((folder) => `mkdir -p '${folder}'; mount -t hostfs -o '${folder}' none '${folder}'`).join('\n')}
for module in ${MODULES.join(' ')}; do
  insmod "/usr/lib/uml/modules/$(uname -r)/kernel/$module.ko" || echo "lockstep: no kernel module $module"
done
${jobScript(job, marks)}
`
}

/**
 * Boots Debian's user-mode Linux on this machine's own files and runs a job in it: a real kernel with CAN, where the
 * machine's own has none. Needs no rights and no virtualisation.
 * @param print gets each line that the job prints
 * @throws MissingDebianPackages, GuestFailed
 */
export async function runInUserModeLinux(
  job: GuestJob,
  deadlineMs: number,
  print: (line: string) => void,
): Promise<GuestOutcome> {
  requireDebianPackages('a kernel with virtual CAN', NEEDED)
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-uml-'))
  const init = join(folder, 'init.sh')
  try {
    return await followGuest(
      'user-mode Linux',
      (marks) => {
        writeFileSync(init, initScript(job, marks), { mode: 0o755 })
        return [
          // It traces its own processes: on two processors every switch wakes the other one, which costs five times
          // the work itself.
          'taskset',
          '-c',
          lastProcessor(),
          'env',
          `TMPDIR=${memoryFolder(MEMORY_MIB * 2 ** 20)}`,
          'linux.uml',
          `mem=${MEMORY_MIB}M`,
          'rootfstype=hostfs',
          'rootflags=/',
          'ro',
          `init=${init}`,
          'con=null',
          'con0=null,fd:1',
          'quiet',
        ]
      },
      deadlineMs,
      print,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
