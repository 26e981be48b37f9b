import { moveBolt } from '../bench/lock/move-bolt.js'
import {
  changedEnough,
  describeCutOff,
  describeReadings,
  readingsFrom,
  type LockReadings,
} from '../bench/lock/lock-readings.js'
import { describeRearm, rearmBoard } from '../bench/lock/rearm-board.js'
import { loadProfile } from '../bench/profile.js'
import { RigFault } from '../bench/rig-errors.js'
import { benchStatus, watchBench } from '../bench/supervisor/control-client.js'
import type { BenchStatus } from '../bench/supervisor/control-messages.js'
import type { HardwareIdentity } from '../../reference/ports/lock-hardware.js'
import type { CanIo } from './can-io.js'
import { EXIT } from './exit-code.js'
import { benchesOf, Interrupted, withRigLock } from './rig-lock.js'

/** What a lock command has to do with the world. */
export type LockIo = Pick<CanIo, 'out' | 'tell' | 'stop'>

export interface LockFlags {
  readonly rig: string
  readonly json?: true
}

/**
 * `lockstep lock up|down`: one travel by the lock's own rules; the actuator is without power afterwards.
 * @returns 0 when the bolt is there, 1 when the lock refuses or jams
 * @throws BenchRunning, RigFault, SafeStateUnconfirmed, and the errors of the rig's port
 */
export async function lockMove(target: 'up' | 'down', flags: LockFlags, io: LockIo): Promise<number> {
  const profile = loadProfile(flags.rig)
  const move = await withRigLock(profile, io.stop, async (bench) => moveBolt(await bench.connect(), target))
  if (flags.json) line(io, JSON.stringify({ rig: profile.rig, target, ...move }))
  else
    line(
      io,
      `${move.ending}${move.fault ? ` (${move.fault})` : ''} after ${move.hardwareMs} ms: ${describeReadings(move.readings)}`,
    )
  return move.ending === 'done' ? EXIT.passed : EXIT.product
}

/**
 * `lockstep lock status`: of a bench that runs, what its sensors said last, without a word to the board; otherwise the
 * board is asked.
 * @throws RigFault, SafeStateUnconfirmed, and the errors of the rig's port
 */
export async function lockStatus(flags: LockFlags, io: LockIo): Promise<number> {
  const profile = loadProfile(flags.rig)
  const [running] = await benchesOf(profile)
  if (running) {
    const status = await benchStatus(running)
    tell(io, flags, { rig: profile.rig, heldBy: running.runnerPid, board: running.board, ...status })
    return EXIT.passed
  }
  const { identity, readings } = await withRigLock(profile, io.stop, async (bench) => {
    const hardware = await bench.connect()
    return { identity: hardware.identity, readings: readingsFrom(hardware.sample) }
  })
  tell(io, flags, { rig: profile.rig, heldBy: null, ...identity, readings })
  return EXIT.passed
}

/**
 * `lockstep lock rearm`: lifts the board's own latch once its cause is gone; moves nothing.
 * @returns 0 when none is latched any more, 1 when its cause is still there
 * @throws BenchRunning, RigFault, SafeStateUnconfirmed, and the errors of the rig's port
 */
export async function lockRearm(flags: LockFlags, io: LockIo): Promise<number> {
  const profile = loadProfile(flags.rig)
  const rearmed = await withRigLock(profile, io.stop, rearmBoard)
  if (flags.json) line(io, JSON.stringify({ rig: profile.rig, ...rearmed }))
  else line(io, `${profile.rig}: ${describeRearm(rearmed)}`)
  return rearmed.outcome === 'cause-remains' ? EXIT.product : EXIT.passed
}

/** `lockstep lock watch`: a line at each change, until SIGINT or until nobody reads. @throws as `lockStatus` */
export async function lockWatch(flags: LockFlags, io: LockIo): Promise<number> {
  const profile = loadProfile(flags.rig)
  const show = (readings: LockReadings) => {
    const at = new Date().toISOString()
    line(io, flags.json ? JSON.stringify({ at, ...readings }) : `${at}  ${describeReadings(readings)}`)
  }
  const [running] = await benchesOf(profile)
  if (running) {
    await watchBench(running, ({ readings }: BenchStatus) => readings && show(readings), io.stop)
    return EXIT.passed
  }
  await withRigLock(profile, io.stop, async (bench) => {
    const hardware = await bench.connect()
    let told: LockReadings | null = null
    await new Promise<never>((_, reject) => {
      hardware.onSample((sample) => {
        const readings = readingsFrom(sample)
        if (changedEnough(told, readings)) show((told = readings))
      })
      hardware.onLost((loss) => reject(new RigFault(`the lock's board was lost: ${loss}`)))
    })
  }).catch((error: unknown) => {
    if (!(error instanceof Interrupted)) throw error // being ended is how it ends
  })
  return EXIT.passed
}

type Told = Readonly<{ rig: string; heldBy: number | null; readings: LockReadings | null }> &
  Partial<HardwareIdentity & BenchStatus>

const line = (io: LockIo, text: string) => io.out(`${text}\n`)

function tell(io: LockIo, flags: LockFlags, told: Told): void {
  if (flags.json) return line(io, JSON.stringify(told))
  const { rig, board, firmware, heldBy, readings, cutOff, latched } = told
  line(io, `${rig}: ${[board, firmware].filter(Boolean).join(', ')}`)
  if (heldBy !== null) line(io, `held by process ${heldBy}${latched ? ', made safe by hand' : ''}`)
  if (readings) return line(io, describeReadings(readings))
  line(io, 'no controller has the board measured: its sensors are unknown')
  if (cutOff) line(io, describeCutOff(cutOff))
}
