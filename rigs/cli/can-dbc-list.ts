import type { DbcMessage, DbcSignal } from '../../reference/can/dbc-model.js'
import { frameName } from '../../reference/can/can-frame-check.js'
import { readDbc } from './can-dbc.js'
import type { CanIo } from './can-io.js'
import { EXIT } from './exit-code.js'

export interface CanDbcListFlags {
  /** Default: detected. */
  readonly encoding?: string
  readonly json?: boolean
}

/**
 * Lists what a DBC file has, and reports what is wrong in it.
 * @returns the exit code: 5 where something had to be left out
 * @throws UsageError, DbcSyntaxError for a file of which nothing can be read
 */
export function canDbcList(file: string, { json = false, ...flags }: CanDbcListFlags, io: CanIo): number {
  const { messages, warnings } = readDbc(file, { ...flags, lenient: true }, io)
  const leftOut = warnings.filter((warning) => warning.leftOut).length
  if (json) io.out(`${JSON.stringify({ file, messages: messages.map(messageJson), warnings })}\n`)
  else for (const message of messages) io.out(`${messageLines(message).join('\n')}\n`)
  const signals = messages.reduce((sum, message) => sum + message.signals.length, 0)
  io.tell(
    `${messages.length} messages, ${signals} signals; ${warnings.length} ${warnings.length === 1 ? 'fault' : 'faults'}, ${leftOut} of them left out`,
  )
  return leftOut === 0 ? EXIT.passed : EXIT.partlyRead
}

function messageLines(message: DbcMessage): string[] {
  const words = [
    frameName(message),
    message.name,
    `${message.length} bytes`,
    ...(message.fd ? ['FD'] : []),
    ...(message.cycleTimeMs === undefined ? [] : [`every ${message.cycleTimeMs} ms`]),
    `from ${message.sender}`,
  ]
  return [words.join('  '), ...message.signals.map((signal) => `  ${signalLine(signal)}`)]
}

function signalLine(signal: DbcSignal): string {
  const { name, startBit, bitLength, byteOrder, valueType, factor, offset, limits, unit, multiplexing } =
    signal
  const values = multiplexing?.ranges
    .map(([from, to]) => (from === to ? `${from}` : `${from}…${to}`))
    .join(', ')
  return [
    name,
    `${startBit}|${bitLength} ${byteOrder} ${valueType}`,
    `×${factor} ${offset < 0 ? '−' : '+'}${Math.abs(offset)}`,
    ...(limits ? [`${limits.min}…${limits.max}`] : []),
    ...(unit === '' ? [] : [unit]),
    ...(signal.isMultiplexor ? ['multiplexor'] : []),
    ...(multiplexing ? [`where ${multiplexing.multiplexor} is ${values}`] : []),
  ].join('  ')
}

function messageJson(message: DbcMessage) {
  const { id, extended, name, length, sender, fd, cycleTimeMs, frameFormat } = message
  const signals = message.signals.map((signal) => ({
    name: signal.name,
    startBit: signal.startBit,
    bitLength: signal.bitLength,
    byteOrder: signal.byteOrder,
    valueType: signal.valueType,
    factor: signal.factor,
    offset: signal.offset,
    ...(signal.limits ? { limits: signal.limits } : {}),
    unit: signal.unit,
    isMultiplexor: signal.isMultiplexor,
    ...(signal.multiplexing ? { multiplexing: signal.multiplexing } : {}),
  }))
  return { id, extended, name, length, sender, fd, cycleTimeMs, frameFormat, signals }
}
