import { SeveralSerialPorts, NoSuchSerialPort } from './serial-port-errors.js'
import { listSerialPorts, type SerialPortInfo, type UsbIdentity } from './list-serial-ports.js'

/**
 * Which serial port is meant: a path that does not change with the order of plugging (`/dev/serial/by-id/…`, a pty), or
 * what udev knows of the USB device behind it.
 */
export type SerialTarget = { readonly path: string } | { readonly usb: UsbIdentity }

/** For messages: `ID_SERIAL=Arduino__www.arduino.cc__0043_8573…` */
export function nameOfTarget(target: SerialTarget): string {
  if ('path' in target) return target.path
  return Object.entries(target.usb)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

/**
 * The path of the one port that is meant.
 * @param ports those that are plugged in, with what is known of each
 * @throws NoSuchSerialPort, SeveralSerialPorts
 */
export async function findSerialPort(
  target: SerialTarget,
  ports: () => Promise<readonly SerialPortInfo[]> = listSerialPorts,
): Promise<string> {
  if ('path' in target) return target.path
  const here = await ports()
  const wanted = Object.entries(target.usb)
  const fitting = here.filter(({ usb }) =>
    wanted.every(([name, value]) => sameProperty(name, usb[name as keyof UsbIdentity], value)),
  )
  const [only] = fitting
  if (only && fitting.length === 1) return only.path
  if (fitting.length > 1) {
    throw new SeveralSerialPorts(
      `${fitting.length} serial ports have ${nameOfTarget(target)}:${listed(fitting)}`,
      'add a property that only one of them has, e.g. ID_SERIAL_SHORT, or ID_PATH for the socket that it is plugged into',
    )
  }
  throw new NoSuchSerialPort(
    `no serial port has ${nameOfTarget(target)}; ${here.length > 0 ? `here are:${listed(here)}` : 'this machine shows no USB serial port at all'}`,
    'plug the board in, or correct `lock.board.serial` in the profile (udevadm info -q property -n /dev/tty… shows what a port has)',
  )
}

/** USB ids are hexadecimal, and people write them both ways. */
function sameProperty(name: string, found: string | undefined, wanted: string): boolean {
  if (name === 'ID_VENDOR_ID' || name === 'ID_MODEL_ID') return found?.toLowerCase() === wanted.toLowerCase()
  return found === wanted
}

function listed(ports: readonly SerialPortInfo[]): string {
  return ports
    .map(
      ({ path, usb: { ID_SERIAL = '?', ID_VENDOR_ID = '?', ID_MODEL_ID = '?', ID_PATH } }) =>
        `\n    ${path}  ${ID_VENDOR_ID}:${ID_MODEL_ID}  ID_SERIAL=${ID_SERIAL}${ID_PATH ? `  ID_PATH=${ID_PATH}` : ''}`,
    )
    .join('')
}
