import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { portHolders } from './port-holders.js'
import { openSerialLine } from './serial-line.js'
import {
  NoSuchSerialPort,
  SerialPortFailed,
  SerialPortForbidden,
  SerialPortInUse,
} from './serial-port-errors.js'
import { findSerialPort, nameOfTarget, type SerialTarget } from './serial-target.js'

export interface OpenedSerialPort {
  /** As the system calls it now, e.g. `/dev/ttyACM0`: another one after the next plugging. */
  readonly path: string
  readonly stream: Duplex
}

/**
 * Finds the port that is meant and looks whether it can be opened, without opening it: that alone would reset an Uno.
 * @returns its real path
 * @throws NoSuchSerialPort, SeveralSerialPorts, SerialPortForbidden, SerialPortInUse
 */
export async function probeSerialPort(target: SerialTarget): Promise<string> {
  const path = await findSerialPort(target)
  if (process.platform === 'win32') return path
  let device: string
  try {
    device = realpathSync(path)
  } catch (cause) {
    throw noSuchPort(path, target, cause)
  }
  try {
    accessSync(device, constants.R_OK | constants.W_OK)
  } catch (cause) {
    if (isCode(cause, 'EACCES') || isCode(cause, 'EPERM')) throw forbidden(device, cause)
    throw noSuchPort(path, target, cause)
  }
  const holders = portHolders(device)
  if (holders.length > 0)
    throw inUse(device, holders.map(({ name, pid }) => `${name} (process ${pid})`).join(', '))
  return device
}

/**
 * Opens the serial port that is meant, 8N1, locked against others that ask.
 * @param baudRate bits a second
 * @throws NoSuchSerialPort, SeveralSerialPorts, SerialPortForbidden, SerialPortInUse, SerialPortFailed
 */
export async function openSerialPort(target: SerialTarget, baudRate: number): Promise<OpenedSerialPort> {
  const path = await probeSerialPort(target)
  try {
    return { path, stream: await openSerialLine(path, baudRate) }
  } catch (error) {
    throw nameFailure(path, target, error)
  }
}

/** What the system says when a port changes its mind between the look and the opening, or is none. */
function nameFailure(path: string, target: SerialTarget, error: unknown): Error {
  const says = error instanceof Error ? error.message : String(error)
  if (/no such file|ENOENT|file not found|no such device|ENODEV|ENXIO/i.test(says)) {
    return noSuchPort(path, target, error)
  }
  if (/permission denied|EACCES|EPERM|not permitted/i.test(says)) return forbidden(path, error)
  if (/cannot lock port|busy|EBUSY|access denied/i.test(says))
    return inUse(path, 'a program that does not show itself', error)
  return new SerialPortFailed(
    `${path} cannot be opened as a serial port: ${says}`,
    'name a serial port in `lock.board` of the profile; if it is one, pull the plug and put it in again',
    { cause: error },
  )
}

function noSuchPort(path: string, target: SerialTarget, cause: unknown): NoSuchSerialPort {
  return new NoSuchSerialPort(
    `there is no serial port ${path}${'usb' in target ? ` (${nameOfTarget(target)})` : ''}`,
    'plug the board in, or correct `lock.board` in the profile (ls -l /dev/serial/by-id shows what is here)',
    { cause },
  )
}

function inUse(device: string, by: string, cause?: unknown): SerialPortInUse {
  return new SerialPortInUse(
    `the serial port ${device} is in use by ${by}`,
    `end it, then try again; nothing was opened`,
    {
      cause,
    },
  )
}

function forbidden(device: string, cause: unknown): SerialPortForbidden {
  const group = groupOf(device)
  return new SerialPortForbidden(
    `this user may not open the serial port ${device}, which belongs to the group ${group}`,
    `sudo usermod -aG ${group} "$USER", then log in again`,
    { cause },
  )
}

/** The name of the group that owns a file; Debian's for serial ports when it cannot be told. */
function groupOf(device: string): string {
  try {
    const { gid } = statSync(device)
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(gid))
    return line?.split(':')[0] ?? String(gid)
  } catch {
    return 'dialout'
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
