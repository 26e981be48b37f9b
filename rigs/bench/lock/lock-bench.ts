import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { LockHardware } from '../../../reference/ports/lock-hardware.js'
import { connectArduinoLock } from '../../drivers/arduino/arduino-lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import type { Board } from '../board/board-client.js'
import { boardClock } from '../board/board-clock.js'
import type { Profile } from '../profile-schema.js'
import { SafeStateUnconfirmed } from '../rig-errors.js'
import { Closing } from '../stage/closing.js'
import {
  HEARTBEAT_TIMEOUT_MS,
  startSupervisor,
  type SafeStateProof,
  type Supervisor,
} from '../supervisor/supervisor-client.js'
import { openLockBoard } from './lock-board.js'

/** A board that has just been reset by the opening of its port: bootloader, then StandardFirmata's 2–3 s. */
const CONNECT_MS = 15_000

/** The driver's own patience with a board that sends no samples, wall milliseconds. */
export const SILENCE_MS = 1_000

/** A rig's lock without its parties: the board behind its supervisor. */
export interface LockBench {
  readonly supervisor: Supervisor
  /** On a virtual rig: the hands that a person has at a bench. */
  readonly virtual?: Board
  /** Connects the driver. Once a process: johnny-five cannot let go of a board. */
  connect(): Promise<LockHardware>
  /** Takes the power away and reads that back, then ends everything. */
  close(): Promise<SafeStateProof>
}

/**
 * Opens the lock of a rig: a virtual board of its own, or the board at its serial port.
 * @param evidenceFolder gets the proof of the safe state
 * @throws NoSuchSerialPort, SeveralSerialPorts, SerialPortForbidden, SerialPortInUse, RigProcessFailed
 */
export async function openLockBench(profile: Profile, evidenceFolder: string): Promise<LockBench> {
  const closing = new Closing()
  try {
    const board = closing.add(await openLockBoard(profile, join(evidenceFolder, 'board'), evidenceFolder))
    // A board that is slowed down is so for a machine that is slow: everything about it may take longer.
    const patience = 1 / Math.min(1, profile.lock.timeScale)
    const supervisor = closing.add(
      await startSupervisor({
        uart: board.line,
        rig: profile.rig,
        evidenceFolder,
        heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS * patience,
      }),
    )
    return {
      supervisor,
      ...(board.virtual && { virtual: board.virtual }),
      connect: async () => {
        await board.virtual?.setHosts([process.pid, supervisor.pid])
        const stream = connect(supervisor.relay)
        await once(stream, 'connect')
        return connectArduinoLock({
          stream: stream.setNoDelay(),
          pins: lockPinMap,
          firmware: profile.lock.firmware,
          connectMs: CONNECT_MS * patience,
          silenceMs: SILENCE_MS * patience,
          ...(board.virtual && { hardwareClock: boardClock(board.virtual.clock) }),
        })
      },
      close: async () => {
        try {
          return await supervisor.close().catch((cause: unknown) => {
            throw new SafeStateUnconfirmed(
              'the supervisor gives no proof that the actuator is without power',
              {
                cause,
              },
            )
          })
        } finally {
          await closing.close().catch(() => undefined) // the proof, or its lack, is what counts
        }
      },
    }
  } catch (error) {
    await closing.close().catch(() => undefined) // the first error is the one that counts
    throw error
  }
}

/** @throws SafeStateUnconfirmed */
export function requireConfirmed(proof: SafeStateProof): SafeStateProof {
  if (!proof.confirmed) {
    throw new SafeStateUnconfirmed(`the actuator may have power: ${proof.problem ?? 'no readback'}`)
  }
  return proof
}
