import { mkdirSync } from 'node:fs'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import { startBoard, type Board } from '../board/board-client.js'
import { boardBayOf } from '../profile.js'
import type { BoardProfile, Profile } from '../profile-schema.js'
import type { SupervisedBoard } from '../supervisor/supervised-board.js'
import type { SerialTarget } from '../../serial/serial-target.js'

/** Both firmwares speak at this rate, 8N1. */
export const FIRMATA_BAUD = 57_600

/** A rig's board: its line, and on a virtual rig the hands that a person would have at a bench. */
export interface LockBoard {
  readonly line: SupervisedBoard
  /** Only on a virtual rig. */
  readonly virtual?: Board
  close(): Promise<void>
}

/** Which serial port a profile means; undefined on a virtual rig. */
export function serialTargetOf(board: BoardProfile): SerialTarget | undefined {
  if (board === 'virtual') return undefined
  if ('pty' in board) return { path: board.pty }
  return typeof board.serial === 'string' ? { path: board.serial } : { usb: board.serial }
}

/**
 * Starts a virtual rig's board; says where a real one is, and leaves it alone: only its supervisor opens its port.
 * @param boardFolder gets the plant's and the pins' traces
 * @param timelineFolder the run's evidence folder
 * @throws RigProcessFailed
 */
export async function openLockBoard(
  profile: Profile,
  boardFolder: string,
  timelineFolder: string,
): Promise<LockBoard> {
  const serial = serialTargetOf(profile.lock.board)
  if (serial) return { line: { serial, baudRate: FIRMATA_BAUD }, close: async () => undefined }
  mkdirSync(boardFolder, { recursive: true })
  const { latitude, longitude } = boardBayOf(profile).location
  const virtual = await startBoard({
    evidenceFolder: boardFolder,
    timelineFolder,
    position: wgs84(latitude, longitude),
    timeScale: profile.lock.timeScale,
    firmware: profile.lock.firmware,
    hostPatience: profile.lock.hostPatience,
  })
  return { line: virtual.uart, virtual, close: () => virtual.close() }
}
