import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openPtyLine } from '../bench/board/pty-line.js'
import { openLockBoard } from '../bench/lock/lock-board.js'
import { loadProfile } from '../bench/profile.js'
import { RigFault } from '../bench/rig-errors.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'
import type { LockIo } from './lock-command.js'

export interface LockServeFlags {
  readonly rig: string
  readonly pty: string
  readonly firmware?: string
}

const FIRMWARES = ['standard-firmata', 'lockstep'] as const

/**
 * `lockstep lock serve --pty PATH`: a virtual board, with the lock's mechanics on its pins, as a serial port for any
 * program. Runs until SIGINT or SIGTERM.
 * @throws UsageError, MissingDebianPackages, RigFault
 */
export async function lockServe(flags: LockServeFlags, io: LockIo): Promise<number> {
  const firmware = FIRMWARES.find((name) => name === flags.firmware)
  if (flags.firmware !== undefined && !firmware) {
    throw new UsageError(
      `there is no firmware ${JSON.stringify(flags.firmware)}; known: ${FIRMWARES.join(', ')}`,
    )
  }
  const profile = loadProfile(flags.rig)
  if (profile.lock.board !== 'virtual') {
    throw new UsageError(`the rig ${profile.rig} has a real board: its serial port is there already`)
  }
  const lock = { ...profile.lock, ...(firmware && { firmware }) }
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-serve-'))
  const board = await openLockBoard({ ...profile, lock }, folder, folder)
  try {
    const { virtual } = board
    if (!virtual) throw new RigFault('the virtual board did not start')
    const pty = await openPtyLine(resolve(flags.pty), virtual.uart)
    try {
      io.out(
        `${JSON.stringify({
          pty: resolve(flags.pty),
          tty: pty.tty,
          baudRate: 57_600,
          firmware: lock.firmware,
          firmwareSha256: virtual.firmwareSha256,
          gps: `tcp://${virtual.gps.host}:${virtual.gps.port}`,
        })}\n`,
      )
      const asked = await Promise.race([aborted(io.stop), pty.ended.then(() => false)])
      if (!asked) throw new RigFault('the pty is gone: socat or the board ended')
      return EXIT.passed
    } finally {
      await pty.close()
    }
  } finally {
    await board.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function aborted(stop: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    stop.addEventListener('abort', () => done(true), { once: true })
    if (stop.aborted) done(true)
  })
}
