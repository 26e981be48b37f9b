import { visibleText } from '../../reference/visible-text.js'
import { EXIT } from './exit-code.js'

/** Colours, and the line that is written anew: what the progress of a run uses, which shows its names visibly itself. */
const OF_PROGRESS = /(\r?\u001b\[(?:2K|[\d;]*m))/
let progressPasses = false

/** For `lockstep run`: from now on colours and rewritten lines pass. */
export function letProgressPass(): void {
  progressPasses = true
}

const shown = (text: string) =>
  progressPasses
    ? text
        .split(OF_PROGRESS)
        .map((part, index) => (index % 2 === 1 ? part : visibleText(part, true)))
        .join('')
    : visibleText(text, true)

type Write = (chunk: string | Uint8Array, ...rest: never[]) => boolean

/**
 * Every text that a command writes to its standard output or error goes through here: names out of logs, DBC files,
 * candump lines, inventories, codes and errors may hold what a terminal obeys. Bytes pass as they are.
 */
function showVisibly(stream: NodeJS.WriteStream): void {
  const write: Write = stream.write.bind(stream)
  const visibly: Write = (chunk, ...rest) => write(typeof chunk === 'string' ? shown(chunk) : chunk, ...rest)
  stream.write = visibly
}

/**
 * Whoever reads us may have seen enough (`lockstep --help | head`): that is no fault. An output that cannot be written,
 * since the disk is full or the like, is one of the rig, whatever the command makes of it.
 */
export function watchOutput(): void {
  showVisibly(process.stdout)
  showVisibly(process.stderr)
  // There is no other place to report that standard error is gone; a service goes on without it.
  process.stderr.on('error', () => undefined)
  let told = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || told) return
    told = true
    console.error(`lockstep: the standard output cannot be written: ${error.message}`)
    process.once('exit', () => (process.exitCode = EXIT.rig))
  })
}
