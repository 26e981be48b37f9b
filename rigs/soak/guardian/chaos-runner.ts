/**
 * A runner for the guardian's chaos: a virtual bench whose controller is a process of its own and moves the bolt up and
 * down without end. Its argument is `ChaosSettings`. It ends with 0 where the power is proven off, and with 4 elsewhere.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openLockBench } from '../../bench/lock/lock-bench.js'
import type { ControllerSettings } from '../../bench/lock/fixtures/controller-process.js'
import { loadProfile } from '../../bench/profile.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'

export interface ChaosSettings {
  readonly rig: string
  readonly firmware: FirmwareKind
  readonly folder: string
}

/** Sent once the bolt is under way. */
export interface ChaosReport {
  readonly pids: { readonly controller: number; readonly supervisor: number; readonly board: number }
  /** Ports of the bench on 127.0.0.1 that any user of the machine can reach. */
  readonly ports: readonly number[]
}

const { rig, firmware, folder } = JSON.parse(process.argv[2] ?? '{}') as ChaosSettings
const profile = loadProfile('virtual')
const bench = await openLockBench({ ...profile, rig, lock: { ...profile.lock, firmware } }, folder)
const board = bench.virtual
if (!board) throw new Error('the rig virtual has no virtual board')
const settings: ControllerSettings = { relay: bench.supervisor.relay, clock: board.clock, firmware }
const module = fileURLToPath(new URL('../../bench/lock/fixtures/controller-process.js', import.meta.url))
const controller = fork(module, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
await board.setHosts([controller.pid ?? 0, bench.supervisor.pid])

let isUp = false
const stopped = new Promise<void>((resolve) => {
  controller.once('exit', () => resolve())
  process.once('message', () => resolve())
  process.once('disconnect', () => resolve())
  void bench.supervisor.safeByHand.then(() => resolve())
})
controller.on('message', () => {
  controller.send(isUp ? 'up' : 'down', () => undefined)
  if (!isUp) {
    const report: ChaosReport = {
      pids: { controller: controller.pid ?? 0, supervisor: bench.supervisor.pid, board: board.pid },
      ports: [board.clock.port, board.gps.port, bench.supervisor.relay.port],
    }
    process.send?.(report, () => undefined)
  }
  isUp = !isUp
})
await stopped
controller.kill('SIGKILL')
const confirmed = await bench.close().then(
  (proof) => proof.confirmed,
  () => false,
)
process.exit(confirmed ? 0 : 4)
