import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadProfile } from '../bench/profile.js'
import { startBoard, type Board } from '../bench/board/board-client.js'
import { wgs84 } from '../../reference/domain/coordinates.js'
import { serveHands } from './bench-hands.js'
import type { UsbSerialAdapter } from './qemu.js'

/** Serial numbers of the adapters; the profile `emulated` names the first. */
export const BOARD_ADAPTER = 'LOCKSTEP-BOARD'
export const HANDS_ADAPTER = 'LOCKSTEP-HANDS'

/** A virtual board on this machine, behind an adapter of the guest, and hands at its bench behind another. */
export interface PluggedBoard {
  readonly adapters: readonly UsbSerialAdapter[]
  close(): Promise<void>
}

/**
 * Starts a board with the firmware of the profile `emulated`, at the speed that it has for a slow guest.
 * @throws RigProcessFailed
 */
export async function plugInBoard(): Promise<PluggedBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-plugged-'))
  const { timeScale, firmware } = loadProfile('emulated').lock
  const position = wgs84(31.2304, 121.4737)
  const board = await startBoard({ evidenceFolder: folder, position, timeScale, firmware })
  const plugs = new Set<Socket>()
  const cable = await listen((plug) => runCable(plug, board, plugs))
  const unplug = () => {
    for (const plug of plugs) plug.destroy()
  }
  const hands = await listen((line) => serveHands(line, board, unplug))
  return {
    adapters: [
      { serialNumber: BOARD_ADAPTER, port: portOf(cable) },
      { serialNumber: HANDS_ADAPTER, port: portOf(hands) },
    ],
    close: async () => {
      unplug()
      cable.close()
      hands.close()
      await board.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Between the adapter and the board, so that it can be pulled. */
function runCable(plug: Socket, board: Board, plugs: Set<Socket>): void {
  plugs.add(plug)
  const uart = connect(board.uart)
  plug.pipe(uart).pipe(plug)
  for (const end of [plug, uart]) {
    end.setNoDelay()
    end.on('error', () => end.destroy())
  }
  plug.once('close', () => {
    plugs.delete(plug)
    uart.destroy()
  })
  uart.once('close', () => plug.destroy())
}

async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return address && typeof address === 'object' ? address.port : 0
}
