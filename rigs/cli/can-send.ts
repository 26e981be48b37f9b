import { ownFrame, requireCarried } from '../../reference/can/can-frame-check.js'
import { parseCandumpFrame } from '../../reference/can/candump-frame.js'
import type { CanFrame } from '../../reference/ports/can-bus.js'
import { CanDatabases } from './can-databases.js'
import type { DbcFileFlags } from './can-dbc.js'
import { onBus, type CanIo } from './can-io.js'
import { messageFrame } from './can-message.js'
import { sendTimeoutS, withSendDeadline } from './can-send-deadline.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

export interface CanSendFlags extends DbcFileFlags {
  readonly bus: string
  readonly dbc?: readonly string[]
  /** Values are raw. */
  readonly raw?: boolean
  /** False lets values pass that are outside their limits. */
  readonly limits?: boolean
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
  const frames = flags.dbc === undefined ? words.map(frameOf) : [frameOfMessage(words, flags.dbc, flags, io)]
  if (flags.dbc === undefined && (flags.raw || flags.limits === false)) {
    throw new UsageError('--raw and --no-limits are of a message: give --dbc')
  }
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

function frameOfMessage(
  words: readonly string[],
  dbc: readonly string[],
  flags: CanSendFlags,
  io: CanIo,
): CanFrame {
  const { frame, started } = messageFrame(words, new CanDatabases(dbc, flags, io).messages(), flags)
  if (started.length > 0) {
    const values = started.map(({ signal, raw }) => `${signal} (raw ${raw})`).join(', ')
    io.tell(`not given, so at their start values: ${values}`)
  }
  return frame
}
