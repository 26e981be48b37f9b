/**
 * `npm run test:vcan`: conformance, interoperability and all features on a Linux kernel's virtual CAN: the machine's
 * own where it has an interface, else that of user-mode Linux. `npm run with:vcan -- COMMAND…` runs a command of one's
 * own there instead.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import { MissingDebianPackages, requireDebianPackages } from './debian-packages.js'
import { GuestFailed } from './guest-console.js'
import { kernelEnvironment, kernelJob } from './kernel-environment.js'
import { runInUserModeLinux } from './user-mode-linux.js'

const DEADLINE_MS = 25 * 60_000
const INTERFACE = 'vcan0'
const ownCommand = process.argv.slice(2)
const command = ownCommand.length > 0 ? ownCommand : kernelJob('vcan')
const say = (line: string) => process.stdout.write(`${line}\n`)

/** Of this name, which the rig profile `vcan` has. */
const isHere = () => existsSync(`/sys/class/net/${INTERFACE}`)

async function runInGuest(): Promise<number> {
  const evidence = join(packageRoot, 'evidence')
  mkdirSync(evidence, { recursive: true })
  say(`test:vcan: this machine has no ${INTERFACE}; booting user-mode Linux on its files`)
  const outcome = await runInUserModeLinux(
    {
      command,
      folder: packageRoot,
      environment: kernelEnvironment([INTERFACE]),
      writable: [evidence],
      setUp: [`ip link add dev ${INTERFACE} type vcan`, `ip link set ${INTERFACE} up`],
    },
    DEADLINE_MS,
    say,
  )
  const { bootSeconds, jobSeconds, haltSeconds } = outcome
  say(
    `test:vcan: boot ${bootSeconds.toFixed(1)} s, suite ${jobSeconds.toFixed(1)} s, halt ${haltSeconds.toFixed(1)} s`,
  )
  return outcome.exitCode
}

function runHere(): number {
  say(`test:vcan: on this machine's own ${INTERFACE}`)
  requireDebianPackages('interoperability on virtual CAN', [{ command: 'candump', package: 'can-utils' }])
  const [program = '', ...args] = command
  const env = { ...process.env, ...kernelEnvironment([INTERFACE]) }
  return spawnSync(program, args, { stdio: 'inherit', env }).status ?? 1
}

try {
  process.exitCode = isHere() ? runHere() : await runInGuest()
} catch (error) {
  if (!(error instanceof MissingDebianPackages || error instanceof GuestFailed)) throw error
  process.stderr.write(`test:vcan: ${error.name}: ${error.message}\n`)
  process.exitCode = 3
}
