import type { CanLogEntry } from '../../reference/can/can-log.js'
import type { CanLoss, ReceivedCanFrame } from '../../reference/ports/can-bus.js'
import { CanDatabases } from './can-databases.js'
import type { DbcFileFlags } from './can-dbc.js'
import { channelOfBus, filterFlag, formatFlag, outputFormat, secondsFlag, wholeFlag } from './can-flags.js'
import { onBus, type CanIo } from './can-io.js'
import { entryLine } from './can-line.js'
import { LogOutput } from './can-log-file.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

export interface CanDumpFlags extends DbcFileFlags {
  readonly bus: string
  readonly filter?: readonly string[]
  readonly count?: string
  readonly seconds?: string
  /** `FILE`, or `CHANNEL=FILE` for one channel. */
  readonly dbc?: readonly string[]
  readonly log?: string
  readonly format?: string
  readonly json?: boolean
  readonly strict?: boolean
}

const IDLE_MS = 60_000

/**
 * Prints what a bus carries until it is stopped.
 * @returns the exit code
 * @throws UsageError, and what opening the bus throws; CanBusFault
 */
export async function canDump(flags: CanDumpFlags, io: CanIo): Promise<number> {
  const count = wholeFlag('--count', flags.count) ?? Infinity
  const seconds = secondsFlag('--seconds', flags.seconds)
  const filters = flags.filter?.map(filterFlag)
  const channel = channelOfBus(flags.bus)
  const format = formatFlag('--format', flags.format)
  if (format && flags.log === undefined) throw new UsageError('--format is of the file that --log names')
  const logFormat = flags.log === undefined ? undefined : outputFormat(flags.log, format, '--format')
  const style = {
    ...(flags.json ? { json: true } : {}),
    ...(flags.dbc === undefined ? {} : { databases: new CanDatabases(flags.dbc, flags, io) }),
  }
  const bus = await io.openBus(flags.bus, filters ? { filters } : {})
  return onBus(bus, async () => {
    const log = flags.log === undefined || !logFormat ? undefined : new LogOutput(flags.log, logFormat)
    try {
      let left = count
      const lost = await new Promise<CanLoss>((resolve, reject) => {
        const end = () => resolve(bus.lost)
        // A bus may hold nothing that keeps the process alive.
        const timer =
          seconds === undefined ? setInterval(() => undefined, IDLE_MS) : setTimeout(end, seconds * 1_000)
        const ended = (how: () => void) => {
          clearTimeout(timer)
          left = 0
          how()
        }
        io.stop.addEventListener('abort', () => ended(end), { once: true })
        const take = (entry: CanLogEntry, logged: CanLogEntry) => {
          if (left <= 0) return
          io.out(`${entryLine(entry, style)}\n`)
          log?.write(logged).catch((error: Error) => ended(() => reject(error)))
          if (--left <= 0) ended(end)
        }
        bus.onFrame((received) => {
          const entry = entryOf(received, channel)
          const direction = received.own ? 'tx' : 'rx'
          // candump's own logs have no direction unless asked for.
          take(
            flags.json ? { ...entry, direction } : entry,
            logFormat === 'candump' ? entry : { ...entry, direction },
          )
        })
        bus.onErrorFrame(({ errorClass, data, timestampUs }) => {
          const entry = { timestampUs, channel, errorFrame: { errorClass, data } }
          take(entry, entry)
        })
        bus.onFault((fault) => ended(() => reject(fault)))
        if (io.stop.aborted) ended(end)
      })
      await log?.end()
      if (log && logFormat) log.losses.tell(logFormat, io)
      if (lost.frames === 0) return EXIT.passed
      io.tell(`${lost.exact ? '' : 'at least '}${lost.frames} frames were lost on their way here`)
      return flags.strict ? EXIT.rig : EXIT.passed
    } catch (error) {
      await log?.discard()
      throw error
    }
  })
}

function entryOf({ timestampUs, own: _own, ...frame }: ReceivedCanFrame, channel: string) {
  return { timestampUs, channel, frame }
}
