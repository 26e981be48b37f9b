import { canLogWriter } from '../../reference/can/can-log-writer.js'
import { formatFlag, outputFormat, utcOffsetFlag } from './can-flags.js'
import type { CanIo } from './can-io.js'
import { LogOutput, LossTally, openLog, tellLeftOut } from './can-log-file.js'
import { EXIT } from './exit-code.js'

export interface CanConvertFlags {
  readonly from?: string
  readonly to?: string
  readonly utcOffset?: string
  readonly strict?: boolean
  /** False for FD flags as kernels without the FDF bit show them. */
  readonly fdf?: boolean
}

/**
 * Writes a log in another format, and tells what that cannot carry.
 * @param input a file of any format, or `-`
 * @param output a file, or `-`
 * @returns the exit code
 * @throws UsageError, CanLogSyntaxError, NotCarriedByLog with `strict`
 */
export async function canConvert(
  input: string,
  output: string,
  flags: CanConvertFlags,
  io: CanIo,
): Promise<number> {
  const from = formatFlag('--from', flags.from)
  const to = outputFormat(output, formatFlag('--to', flags.to), '--to')
  const options = {
    utcOffsetMinutes: utcOffsetFlag(flags.utcOffset),
    ...(flags.fdf === false ? { fdfFlag: false } : {}),
  }
  const log = openLog(input, io, {
    ...options,
    strict: flags.strict,
    ...(from ? { format: from } : {}),
  })
  const losses = output === '-' ? new LossTally() : undefined
  let [count, timeless] = [0, 0]
  if (losses) {
    const writer = canLogWriter(to, { ...options, ...(flags.strict ? {} : { onLoss: losses.count }) })
    for await (const entry of log.entries()) {
      if (io.stop.aborted) break
      io.out(writer.write(entry))
      count++
      if (entry.timestampUs === 0) timeless++
    }
    io.out(writer.end())
    losses.tell(to, io)
    if (io.stop.aborted) io.tell('stopped before the end of the input')
  } else {
    const file = new LogOutput(output, to, { ...options, strict: flags.strict ?? false })
    try {
      for await (const entry of log.entries()) {
        if (io.stop.aborted) break
        await file.write(entry)
        count++
        if (entry.timestampUs === 0) timeless++
      }
      // What came in until then is all there is of a pipe; of a file it is a part that nobody could tell from the whole.
      if (io.stop.aborted && input !== '-') {
        await file.discard()
        io.tell(`stopped after ${count} entries: nothing is written`)
        return EXIT.rig
      }
      await file.end()
    } catch (error) {
      await file.discard()
      throw error
    }
    file.losses.tell(to, io)
  }
  io.tell(`${count} entries`)
  if (count > 1 && timeless === count) io.tell('the input has no times: 0 stands for them')
  return tellLeftOut(log, io)
}
