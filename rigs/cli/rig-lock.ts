import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLockBench, requireConfirmed, type LockBench } from '../bench/lock/lock-bench.js'
import { serialTargetOf } from '../bench/lock/lock-board.js'
import type { Profile } from '../bench/profile-schema.js'
import { RigFault } from '../bench/rig-errors.js'
import { runningBenches, type RunningBench } from '../bench/supervisor/bench-registry.js'
import { findSerialPort } from '../serial/serial-target.js'

/** The rig's lock is held by a bench that runs. */
export class BenchRunning extends RigFault {
  override readonly name = 'BenchRunning'
  constructor({ rig, board, runnerPid, since }: RunningBench) {
    super(
      `the lock of ${rig} (${board}) is held by process ${runnerPid}, since ${since}\n` +
        '  To mend it: end that, or make it safe with lockstep safe; lock status and lock watch look on meanwhile',
    )
  }
}

/** Somebody ended the command; the safe state was confirmed. */
export class Interrupted extends RigFault {
  override readonly name = 'Interrupted'
}

/** Benches that hold the lock of a rig: by the rig's name, or by the port that its board is on. */
export async function benchesOf(profile: Profile): Promise<RunningBench[]> {
  const benches = runningBenches()
  const serial = serialTargetOf(profile.lock.board)
  const port = serial && (await findSerialPort(serial).catch(() => undefined))
  return benches.filter(({ rig, board }) => rig === profile.rig || board === port)
}

/**
 * Opens the lock of a rig for one command, and leaves it without power, read back.
 * @param stop ends the command the same way
 * @throws BenchRunning, Interrupted, SafeStateUnconfirmed, and what the rig and `use` throw
 */
export async function withRigLock<T>(
  profile: Profile,
  stop: AbortSignal,
  use: (bench: LockBench) => Promise<T>,
): Promise<T> {
  const [running] = await benchesOf(profile)
  if (running) throw new BenchRunning(running)
  const evidenceFolder = mkdtempSync(join(tmpdir(), 'lockstep-lock-'))
  const bench = await openLockBench(profile, evidenceFolder)
  try {
    return await Promise.race([use(bench), ended(stop, bench)])
  } finally {
    requireConfirmed(await bench.close())
    rmSync(evidenceFolder, { recursive: true, force: true })
  }
}

/** @throws Interrupted when somebody ends the command, or makes the bench safe */
export function ended(stop: AbortSignal, bench: LockBench): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = () =>
      reject(new Interrupted('the command was interrupted; the safe state is confirmed'))
    stop.addEventListener('abort', interrupt, { once: true })
    if (stop.aborted) interrupt()
    void bench.supervisor.safeByHand.then(() =>
      reject(new Interrupted('the bench was made safe by hand (lockstep safe)')),
    )
  })
}
