import { EXIT } from './exit-code.js'

/**
 * Whoever reads us may have seen enough (`lockstep --help | head`): that is no fault. An output that cannot be written,
 * since the disk is full or the like, is one of the rig, whatever the command makes of it.
 */
export function watchOutput(): void {
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
