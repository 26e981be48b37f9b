import { SLCAN_BITRATES, SLCAN_DATA_BITRATES } from '../../../reference/can/slcan-bitrates.js'
import type { SlcanAnswer } from '../../../reference/can/slcan-answer.js'
import { CanBusUnavailable } from '../../../reference/ports/can-bus.js'
import type { SlcanDialogue } from './slcan-dialogue.js'
import type { SlcanSettings } from './slcan-bus.js'

/** What an adapter said of itself while its channel was opened. */
export interface SlcanAdapterTraits {
  /** For evidence. */
  readonly name: string
  readonly stamps: boolean
  /** Whether its status flags mean anything. */
  readonly tellsStatus: boolean
  readonly remote: boolean
  readonly fd: boolean
}

/** can-utils' slcanpty: its flags are always 00, and it drops the length of remote requests. */
const isSlcanpty = (version: string | undefined, serial: string | undefined) =>
  version === '1013' && serial === '4242'

const LISTED = SLCAN_BITRATES.map((bitrate, code) => `S${code} ${bitrate}`).join(', ')

class ChannelOpener {
  constructor(
    readonly dialogue: SlcanDialogue,
    readonly settings: SlcanSettings,
    readonly answerMs: number,
  ) {}

  fail(...[reason, problem, mend]: [CanBusUnavailable['reason'], string, string]): never {
    throw new CanBusUnavailable(this.settings.url, reason, problem, mend)
  }

  /** The digit that asks for a bit rate, if there is one. */
  code(bitrate: number, of: Readonly<Record<number, number>>, listed: string): string {
    const code = Object.keys(of).find((key) => of[Number(key)] === bitrate)
    if (code !== undefined) return code
    return this.fail('wrong-bitrate', `SLCAN adapters have no ${bitrate} bit/s`, `There are: ${listed}.`)
  }

  async ask(command: string, wants: readonly SlcanAnswer['kind'][]) {
    const reply = await this.dialogue.ask(`${command}\r`, wants, this.answerMs)
    if (reply.kind === 'gone') {
      return this.fail(
        'no-such-device',
        'the line ended while it was opened',
        'Check the plug and the cable.',
      )
    }
    return reply
  }

  noAnswer(to: string): never {
    const { heard } = this.dialogue
    return this.fail(
      'no-answer',
      heard ? `what is there does not answer ${to} as an SLCAN adapter does` : `nobody answers ${to}`,
      'Check that this is the port of an SLCAN adapter, that baud= is its baud rate, and that its firmware' +
        ' acknowledges commands (LAWICEL does; old CANable firmware does not: update it).',
    )
  }

  /** A command that must be done. */
  async must(command: string, what: string, refused: () => never): Promise<void> {
    const { kind } = await this.ask(command, ['done'])
    if (kind === 'refused') refused()
    if (kind === 'silent') this.noAnswer(`${command} (${what})`)
  }

  /** @returns what the adapter is called, for lack of better its silence */
  async introduce(): Promise<{ version: string | undefined; serial: string | undefined }> {
    // Three ends flush what a host before this one left half said; the answers to them and to C are of no interest.
    const version = await this.dialogue.ask('\r\r\rC\rV\r', ['version'], this.answerMs, { patient: true })
    if (version.kind === 'gone') this.noAnswer('V (version)')
    const serial = await this.ask('N', ['serial-number'])
    return {
      version: version.kind === 'version' ? version.text : undefined,
      serial: serial.kind === 'serial-number' ? serial.text : undefined,
    }
  }
}

/**
 * Brings an adapter from any state to an open channel.
 * @param answerMs how long each answer may take
 * @throws CanBusUnavailable `wrong-bitrate`, `no-answer`, `refused`, `no-such-device`
 */
export async function openChannel(
  dialogue: SlcanDialogue,
  settings: SlcanSettings,
  answerMs: number,
): Promise<SlcanAdapterTraits> {
  const { bitrate, dataBitrate, listenOnly } = settings
  const opener = new ChannelOpener(dialogue, settings, answerMs)
  const code = opener.code(bitrate, SLCAN_BITRATES, LISTED)
  const dataCode =
    dataBitrate === undefined
      ? undefined
      : opener.code(dataBitrate, SLCAN_DATA_BITRATES, Object.values(SLCAN_DATA_BITRATES).join(', '))

  const { version, serial } = await opener.introduce()
  await opener.must(`S${code}`, 'bit rate', () =>
    opener.fail(
      'wrong-bitrate',
      `the adapter refuses ${bitrate} bit/s (S${code})`,
      `Codes that exist: ${LISTED}.`,
    ),
  )
  if (dataCode !== undefined) {
    await opener.must(`Y${dataCode}`, 'data bit rate', () =>
      opener.fail(
        'fd-on-classic',
        `the adapter refuses the data bit rate ${dataBitrate}`,
        'It may be a classic one.',
      ),
    )
  }
  const stamps = (await opener.ask('Z1', ['done'])).kind === 'done'
  await opener.must(listenOnly ? 'L' : 'O', 'open', () =>
    opener.fail('refused', 'the adapter refuses to open its channel', 'Unplug it and plug it in again.'),
  )
  const status = await opener.ask('F', ['status'])
  const slcanpty = isSlcanpty(version, serial)
  const names = [version && `V${version}`, serial && `N${serial}`, slcanpty && '(slcanpty)'].filter(Boolean)
  return {
    name: names.join(' ') || 'without a name',
    stamps,
    tellsStatus: status.kind === 'status' && !slcanpty,
    remote: !slcanpty,
    fd: dataCode !== undefined,
  }
}
