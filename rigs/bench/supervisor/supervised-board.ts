import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { openSerialPort } from '../../serial/open-serial-port.js'
import type { SerialTarget } from '../../serial/serial-target.js'

/** The line of the board that a supervisor owns: a virtual board's TCP port, or a serial port (also a pty). */
export type SupervisedBoard =
  | { readonly host: string; readonly port: number }
  | { readonly serial: SerialTarget; readonly baudRate: number }

export interface BoardLineOpened {
  readonly stream: Duplex
  /** For people: `/dev/ttyACM0`, `virtual board at 127.0.0.1:4711`. */
  readonly name: string
}

/**
 * Opens a board's line. A serial port that is opened resets an Uno: it is held for as long as the bench runs.
 * @throws NoSuchSerialPort, SeveralSerialPorts, SerialPortForbidden, SerialPortInUse, SerialPortFailed
 */
export async function openBoardLine(board: SupervisedBoard): Promise<BoardLineOpened> {
  if ('serial' in board) {
    const { stream, path } = await openSerialPort(board.serial, board.baudRate)
    return { stream, name: path }
  }
  const { host, port } = board
  const stream = await new Promise<Duplex>((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket.off('error', reject)))
  })
  return { stream, name: `virtual board at ${host}:${port}` }
}
