import {
  CanBusUnavailable,
  type CanOpenOptions,
  type CanUnavailableReason,
} from '../../../reference/ports/can-bus.js'
import { openSlcanOn } from './open-slcan-on.js'
import type { SlcanBus, SlcanPatience, SlcanSettings } from './slcan-bus.js'
import { listSerialDevices, openSerialLine } from '../../serial/serial-line.js'

export interface SlcanPortSettings extends SlcanSettings {
  /** The serial port: `/dev/ttyACM0`, `/dev/serial/by-id/…`, `COM3`. */
  readonly device: string
  /** Bits a second of the serial line; USB adapters do not care. */
  readonly baudRate: number
}

interface Problem {
  readonly says: RegExp
  readonly reason: CanUnavailableReason
  readonly problem: string
  readonly mend: (device: string) => string
}

/** What the system's messages mean, as serialport passes them on. */
const PROBLEMS: readonly Problem[] = [
  {
    says: /no such file|ENOENT|file not found|unknown error code 3\b/i,
    reason: 'no-such-device',
    problem: 'there is no such device',
    mend: () => 'Plug the adapter in, or name another port.',
  },
  {
    says: /no such device|input\/output error|ENODEV|ENXIO/i,
    reason: 'no-such-device',
    problem: 'nothing is behind this port',
    mend: () => 'Plug the adapter in, or name another port.',
  },
  {
    says: /inappropriate ioctl|ENOTTY|is a directory|EISDIR|invalid argument/i,
    reason: 'no-such-device',
    problem: 'this is no serial port',
    mend: () => 'Name a serial port.',
  },
  {
    says: /permission denied|EACCES|EPERM|not permitted/i,
    reason: 'no-permission',
    problem: 'this user may not open it',
    mend: (device) =>
      `On Debian: sudo usermod -aG dialout "$USER", then log in again (ls -l ${device} shows the group).`,
  },
  {
    says: /cannot lock port|busy|access denied|EBUSY/i,
    reason: 'refused',
    problem: 'another program has it open',
    mend: (device) => `End that program (fuser -v ${device} shows it), e.g. slcand or ModemManager.`,
  },
  {
    says: /baud ?rate/i,
    reason: 'refused',
    problem: 'the port does not have this baud rate',
    mend: () => 'Choose another one with baud=…, e.g. 115200.',
  },
]

async function foundDevices(): Promise<string> {
  const found = await listSerialDevices().catch(() => [])
  return found.length > 0 ? `Serial ports here: ${found.join(', ')}.` : 'This system shows no serial ports.'
}

async function unavailable({ url, device, baudRate }: SlcanPortSettings, error: unknown): Promise<Error> {
  const message = error instanceof Error ? error.message : String(error)
  const known = PROBLEMS.find(({ says }) => says.test(message))
  const problem = known?.problem ?? message
  const mend = [known?.mend(device) ?? `Is ${device} a serial port that does ${baudRate} baud?`]
  if (!known || known.reason === 'no-such-device') mend.push(await foundDevices())
  const reason = known?.reason ?? 'not-reachable'
  return new CanBusUnavailable(url, reason, `${device}: ${problem}`, mend.join(' '), { cause: error })
}

/**
 * A node on the bus behind an SLCAN (LAWICEL) adapter on a serial port.
 * @throws CanBusUnavailable `no-such-device`, `no-permission`, `refused` (also: in use), `no-answer`, `wrong-bitrate`
 */
export async function openSlcan(
  settings: SlcanPortSettings,
  options: CanOpenOptions = {},
  patience: SlcanPatience = {},
): Promise<SlcanBus> {
  let line
  try {
    line = await openSerialLine(settings.device, settings.baudRate)
  } catch (error) {
    throw await unavailable(settings, error)
  }
  return openSlcanOn(line, settings, options, patience)
}
