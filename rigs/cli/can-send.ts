import { ownFrame, requireCarried } from '../../reference/can/can-frame-check.js'
import { parseCandumpFrame } from '../../reference/can/candump-frame.js'
import { FD_LENGTH_OF_DLC } from '../../reference/can/asc-log-format.js'
import { encodeMessage, type SignalInput } from '../../reference/can/dbc-codec.js'
import { dbcMessage, type DbcDatabase } from '../../reference/can/dbc-model.js'
import type { CanFrame } from '../../reference/ports/can-bus.js'
import { readDbc, type DbcFileFlags } from './can-dbc.js'
import { onBus, type CanIo } from './can-io.js'
import { sendTimeoutS, withSendDeadline } from './can-send-deadline.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

export interface CanSendFlags extends DbcFileFlags {
  readonly bus: string
  readonly dbc?: string
  /** Seconds. */
  readonly timeout?: string
}

const FRAMES = 'e.g. 123#DEADBEEF, 1F334455#11, 123#R4, 123##1AABB'

/**
 * Sends frames, in order, each when the one before is on its way.
 * @returns the exit code
 * @throws UsageError, MalformedCanFrame, DbcSyntaxError, UnknownDbcMessage, SignalNotEncodable, and what the bus
 * throws; CanBusFault when nobody acknowledges
 */
export async function canSend(words: readonly string[], flags: CanSendFlags, io: CanIo): Promise<number> {
  const frames =
    flags.dbc === undefined ? words.map(frameOf) : [messageFrame(words, readDbc(flags.dbc, flags, io))]
  if (frames.length === 0) throw new UsageError(`nothing to send: give frames, ${FRAMES}`)
  sendTimeoutS(flags.timeout)
  return onBus(await io.openBus(flags.bus), async (bus) => {
    // All or none: nobody should have to find out which of them were sent.
    for (const frame of frames) requireCarried(ownFrame(frame), bus.features)
    const deadline = { url: flags.bus, timeout: flags.timeout, stop: io.stop }
    const sending = withSendDeadline(bus, deadline)
    for (const [sent, frame] of frames.entries()) {
      try {
        await sending.send(frame)
      } catch (error) {
        if (!io.stop.aborted || error !== io.stop.reason) throw error
        io.tell(`stopped after ${sent} of ${frames.length} frames`)
        return EXIT.rig
      }
    }
    return EXIT.passed
  })
}

function frameOf(text: string): CanFrame {
  const parsed = parseCandumpFrame(text)
  if ('frame' in parsed) return parsed.frame
  throw new UsageError(`${text} is an error frame, which controllers report; nobody can send it`)
}

function messageFrame([name, ...settings]: readonly string[], database: DbcDatabase): CanFrame {
  if (name === undefined) throw new UsageError('with --dbc give a MESSAGE and its SIGNAL=VALUE pairs')
  const message = dbcMessage(database, name)
  // Without a prototype, no name on the command line is special.
  const values = Object.create(null) as Record<string, SignalInput>
  for (const setting of settings) {
    const at = setting.indexOf('=')
    if (at < 1) throw new UsageError(`${setting} is not SIGNAL=VALUE`)
    const signal = setting.slice(0, at)
    if (Object.hasOwn(values, signal)) throw new UsageError(`${signal} is set twice`)
    values[signal] = signalInput(setting.slice(at + 1))
  }
  const encoded = encodeMessage(message, values)
  const fd = message.fd || encoded.length > 8
  const length = fd ? FD_LENGTH_OF_DLC.find((each) => each >= encoded.length) : encoded.length
  if (length === undefined) {
    throw new UsageError(
      `${name} has ${encoded.length} bytes: a transport protocol carries it, not one frame`,
    )
  }
  const data = new Uint8Array(length)
  data.set(encoded)
  return { id: message.id, extended: message.extended, data, ...(fd ? { fd } : {}) }
}

/** A number, where it is one; else a name of the signal's value table. */
function signalInput(text: string): SignalInput {
  if (/^[+-]?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) return BigInt(text)
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
