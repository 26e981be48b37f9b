import { replay, type ReplayFigures } from '../bench/can/replay.js'
import { wallReplayClock } from '../bench/can/replay-clock.js'
import { formatFlag, positiveFlag, speedFlag, wholeFlag } from './can-flags.js'
import { onBus, type CanIo } from './can-io.js'
import { sendTimeoutS, withSendDeadline } from './can-send-deadline.js'
import { openLog, tellLeftOut } from './can-log-file.js'
import { UsageError } from './failure-exit.js'

export interface CanPlayFlags {
  readonly bus: string
  /** Format of the log, where its content does not say. */
  readonly from?: string
  readonly speed?: string
  readonly channel?: readonly string[]
  readonly gapLimit?: string
  readonly loops?: string
  /** Seconds between two loops. */
  readonly loopGap?: string
  /** A bad line of the log ends the command. */
  readonly strict?: boolean
  /** Seconds. */
  readonly timeout?: string
}

/** How often progress is told. */
const PROGRESS_US = 1_000_000

/**
 * Plays a log onto a bus.
 * @returns the exit code
 * @throws UsageError, CanLogSyntaxError, and what the bus throws
 */
export async function canPlay(file: string, flags: CanPlayFlags, io: CanIo): Promise<number> {
  const speed = speedFlag(flags.speed)
  const gapLimitS = positiveFlag('--gap-limit', flags.gapLimit)
  const loops = wholeFlag('--loops', flags.loops) ?? 1
  const loopGapS = positiveFlag('--loop-gap', flags.loopGap)
  if (file === '-' && loops > 1) throw new UsageError('the standard input can be played once only')
  sendTimeoutS(flags.timeout)
  const from = formatFlag('--from', flags.from)
  const log = openLog(file, io, { strict: flags.strict, ...(from ? { format: from } : {}) })
  return onBus(await io.openBus(flags.bus), async (bus) => {
    let toldUs = 0
    const options = {
      speed,
      loops,
      signal: io.stop,
      ...(gapLimitS === undefined ? {} : { gapLimitMs: gapLimitS * 1_000 }),
      ...(loopGapS === undefined ? {} : { loopGapMs: loopGapS * 1_000 }),
      ...(flags.channel ? { channels: flags.channel } : {}),
      onProgress: (figures: ReplayFigures) => {
        if (figures.tookUs - toldUs < PROGRESS_US) return
        toldUs = figures.tookUs
        io.tell(`${figures.sent} frames in ${(figures.tookUs / 1e6).toFixed(1)} s`)
      },
    }
    const sending = withSendDeadline(bus, { url: flags.bus, timeout: flags.timeout, stop: io.stop })
    const figures = await replay(() => log.entries(), sending, options, wallReplayClock)
    tellFigures(figures, speed !== 'as-fast-as-possible', io)
    return tellLeftOut(log, io)
  })
}

function tellFigures(figures: ReplayFigures, timed: boolean, io: CanIo): void {
  const seconds = figures.tookUs / 1e6
  const late = timed
    ? `; late by ${(figures.meanLateUs / 1e3).toFixed(2)} ms on average, ${(figures.worstLateUs / 1e3).toFixed(2)} ms at worst`
    : ''
  io.tell(
    `${figures.aborted ? 'stopped after ' : ''}${figures.sent} frames in ${seconds.toFixed(3)} s${late}`,
  )
  if (figures.notCarried > 0)
    io.tell(`${figures.notCarried} frames were left out: this bus cannot carry them`)
  if (figures.errorFrames > 0)
    io.tell(`${figures.errorFrames} error frames were left out: nobody can send them`)
  if (figures.otherChannels > 0) io.tell(`${figures.otherChannels} frames of other channels were left out`)
}
