import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { requireDebianPackages } from '../../emulation/debian-packages.js'
import { RigFault } from '../rig-errors.js'
import type { HostAndPort } from './board-client.js'

/** A pty whose other end is a TCP line: to programs it is a serial port. */
export interface PtyLine {
  /** The tty behind the link, e.g. `/dev/pts/3`. */
  readonly tty: string
  /** Resolves when the pty has gone, whoever ended it. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

const STARTED = 'starting data transfer loop'

/**
 * Makes a pty at `link` for a board's line. socat holds it open, so that it outlives each program that uses it.
 * @param link must not exist; removed at the end
 * @throws MissingDebianPackages without socat; RigFault
 */
export async function openPtyLine(link: string, line: HostAndPort): Promise<PtyLine> {
  requireDebianPackages('a virtual board as a serial port', [{ command: 'socat', package: 'socat' }])
  if (isThere(link)) throw new RigFault(`${link} exists already; name a path that is free`)
  if (!existsSync(dirname(link))) throw new RigFault(`there is no folder ${dirname(link)}`)
  // In a group of its own: Ctrl-C ends the board first, and that ends socat.
  const socat = spawn(
    'socat',
    ['-d', '-d', `PTY,link=${link},raw,echo=0`, `TCP:${line.host}:${line.port},nodelay`],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  )
  const ended = once(socat, 'exit').then(() => undefined)
  await started(socat)
  return {
    tty: realpathSync(link),
    ended,
    close: async () => {
      socat.kill()
      await ended
    },
  }
}

/** @throws RigFault with what socat said */
async function started(socat: ChildProcess): Promise<void> {
  let said = ''
  socat.stderr?.setEncoding('utf8')
  await new Promise<void>((resolve, reject) => {
    socat.stderr?.on('data', (text: string) => {
      said = (said + text).slice(-2_000)
      if (said.includes(STARTED)) resolve()
    })
    socat.once('error', (cause) => reject(new RigFault('socat cannot be started', { cause })))
    socat.once('exit', () =>
      reject(new RigFault(`socat made no pty: ${said.trim().split('\n').at(-1) ?? ''}`)),
    )
  })
}

/** A dangling link counts: socat would replace it. */
function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}
