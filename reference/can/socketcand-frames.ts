import type { CanErrorFrame, CanFrame, ReceivedCanFrame } from '../ports/can-bus.js'
import { requireSendable } from './can-frame-check.js'

/** Thrown for an element that breaks socketcand's protocol; nothing came of it. */
export class SocketcandSyntaxError extends Error {
  override readonly name = 'SocketcandSyntaxError'
}

/** Flags of an FD frame (linux/can.h): BRS, ESI, FDF. */
const FD_FLAGS = { bitrateSwitch: 0x01, errorStateIndicator: 0x02, fd: 0x04 }
const MICROSECONDS = 1_000_000

/** An extended id is told by its 8 digits (socketcand, state_raw.c). */
const idText = ({ id, extended }: CanFrame) =>
  id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')

const timeText = (timestampUs: number) =>
  `${Math.floor(timestampUs / MICROSECONDS)}.${String(timestampUs % MICROSECONDS).padStart(6, '0')}`

const hex = (data: Uint8Array) =>
  Buffer.from(data.buffer, data.byteOffset, data.length).toString('hex').toUpperCase()

const flagsText = ({ bitrateSwitch, errorStateIndicator }: CanFrame) =>
  (
    FD_FLAGS.fd |
    (bitrateSwitch ? FD_FLAGS.bitrateSwitch : 0) |
    (errorStateIndicator ? FD_FLAGS.errorStateIndicator : 0)
  )
    .toString(16)
    .padStart(2, '0')

/** The command that sends a frame. @param frame sendable, without rawDlc */
export function formatSend(frame: CanFrame): string {
  const { data, remote, remoteLength = 0, fd } = frame
  if (remote) return `< sendrtr ${idText(frame)} ${remoteLength} >`
  let bytes = ''
  for (const byte of data) bytes += byte.toString(16).padStart(2, '0') + ' '
  if (fd) return `< fdsend ${idText(frame)} ${flagsText(frame)} ${data.length} ${bytes}>`
  return `< send ${idText(frame)} ${data.length} ${bytes}>`
}

/**
 * How a server tells a frame. One without data has two blanks before the bracket, which python-can needs.
 * @param frame whole microseconds
 */
export function formatFrame(frame: ReceivedCanFrame): string {
  const { data, remote, remoteLength = 0, fd, own, timestampUs } = frame
  const mark = own ? 'own' : ''
  const head = idText(frame)
  const time = timeText(timestampUs)
  if (remote) return `< ${mark}rtr ${head} ${time} ${remoteLength} >`
  if (fd) return `< ${mark}fdframe ${head} ${flagsText(frame)} ${time} ${hex(data)} >`
  return `< ${mark}frame ${head} ${time} ${hex(data)} >`
}

/** @param withData Lockstep's own addition: other clients know the class and the time only */
export function formatErrorFrame(
  { errorClass, data, timestampUs }: CanErrorFrame,
  withData: boolean,
): string {
  const errorText = errorClass.toString(16).toUpperCase().padStart(3, '0')
  return `< error ${errorText} ${timeText(timestampUs)} ${withData ? `${hex(data)} ` : ''}>`
}

function readId(text: string | undefined): { id: number; extended: boolean } {
  if (!text || !/^[0-9a-f]{1,8}$/i.test(text)) {
    throw new SocketcandSyntaxError(`${shown(text)} is no identifier of 1 to 8 hex digits`)
  }
  return { id: Number.parseInt(text, 16), extended: text.length === 8 }
}

function readTime(text: string | undefined): number {
  const [, seconds, fraction] = /^(\d{1,10})\.(\d{1,6})$/.exec(text ?? '') ?? []
  if (seconds === undefined || fraction === undefined) {
    throw new SocketcandSyntaxError(`${shown(text)} is no time in seconds and microseconds`)
  }
  return Number(seconds) * MICROSECONDS + Number(fraction.padEnd(6, '0'))
}

function readWhole(text: string | undefined, max: number): number {
  const value = /^\d{1,9}$/.test(text ?? '') ? Number(text) : Number.NaN
  if (!(value <= max)) throw new SocketcandSyntaxError(`${shown(text)} is not 0…${max}`)
  return value
}

/** Bytes as one text of digits, or with blanks between them. */
function readBytes(texts: readonly string[]): Uint8Array {
  const text = texts.join('')
  if (text.length % 2 || !/^[0-9a-f]*$/i.test(text)) {
    throw new SocketcandSyntaxError(`${shown(text)} is not pairs of hex digits`)
  }
  return new Uint8Array(Buffer.from(text, 'hex'))
}

function readFlags(text: string | undefined) {
  if (!text || !/^[0-9a-f]{1,2}$/i.test(text))
    throw new SocketcandSyntaxError(`${shown(text)} is no FD flags`)
  const flags = Number.parseInt(text, 16)
  return {
    fd: true,
    ...(flags & FD_FLAGS.bitrateSwitch ? { bitrateSwitch: true } : {}),
    ...(flags & FD_FLAGS.errorStateIndicator ? { errorStateIndicator: true } : {}),
  }
}

const shown = (text: string | undefined) =>
  text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 40))

function checked<Frame extends CanFrame>(frame: Frame): Frame {
  try {
    requireSendable(frame)
  } catch (cause) {
    throw new SocketcandSyntaxError((cause as Error).message, { cause })
  }
  return frame
}

/** Bytes of a command stand apart from one another, and a byte may be one digit; their number is said before. */
function readCounted(lengthText: string | undefined, texts: readonly string[], max: number): Uint8Array {
  const length = readWhole(lengthText, max)
  if (texts.length !== length) {
    throw new SocketcandSyntaxError(`${length} bytes are announced, ${texts.length} follow`)
  }
  return readBytes(texts.map((text) => text.padStart(2, '0')))
}

/**
 * A frame that a client sends: `send`, `sendrtr` or `fdsend` and what follows.
 * @throws SocketcandSyntaxError
 */
export function parseSend([command, ...rest]: readonly string[]): CanFrame {
  const [idOf, second, third, ...bytes] = rest
  const id = readId(idOf)
  if (command === 'fdsend') {
    return checked({ ...id, data: readCounted(third, bytes, 64), ...readFlags(second) })
  }
  if (command === 'sendrtr') {
    if (third !== undefined) throw new SocketcandSyntaxError('a remote frame carries no data')
    return checked({ ...id, data: new Uint8Array(0), remote: true, remoteLength: readWhole(second, 8) })
  }
  return checked({ ...id, data: readCounted(second, third === undefined ? [] : [third, ...bytes], 8) })
}

/**
 * A frame that a server tells: `frame`, `rtr`, `fdframe`, each also with `own` before it, and what follows.
 * @throws SocketcandSyntaxError
 */
export function parseFrame([word = '', idOf, ...rest]: readonly string[]): ReceivedCanFrame {
  const own = word.startsWith('own')
  const kind = own ? word.slice(3) : word
  const id = readId(idOf)
  const mark = own ? { own } : {}
  if (kind === 'fdframe') {
    const [flags, time, ...bytes] = rest
    return checked({
      ...id,
      data: readBytes(bytes),
      ...readFlags(flags),
      timestampUs: readTime(time),
      ...mark,
    })
  }
  const [time, ...bytes] = rest
  const timestampUs = readTime(time)
  if (kind === 'rtr') {
    const remoteLength = readWhole(bytes[0], 8)
    return checked({ ...id, data: new Uint8Array(0), remote: true, remoteLength, timestampUs, ...mark })
  }
  return checked({ ...id, data: readBytes(bytes), timestampUs, ...mark })
}

/** @returns undefined where the words after `error` are a text; @throws SocketcandSyntaxError */
export function parseErrorFrame(words: readonly string[]): CanErrorFrame | undefined {
  const [errorClass, time, ...bytes] = words
  if (!errorClass || !/^[0-9a-f]{1,8}$/i.test(errorClass) || !/^\d+\.\d+$/.test(time ?? '')) return undefined
  const data = new Uint8Array(8)
  const given = readBytes(bytes)
  if (given.length > 8) throw new SocketcandSyntaxError(`an error frame of ${given.length} bytes`)
  data.set(given)
  return {
    errorClass: Number.parseInt(errorClass, 16) & 0x1fffffff,
    data,
    timestampUs: readTime(time),
  }
}
