import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { SocketCanBackEnd } from '../../../reference/can/can-url.js'
import { CanBusUnavailable } from '../../../reference/ports/can-bus.js'
import { addonFile, loadAddon } from './kernel-socket.js'
import { loadPackage } from './socketcan-package.js'

export interface ChosenBackEnd {
  readonly kind: SocketCanBackEnd
  /** For `CanFeatures.backEnd`. */
  readonly title: string
}

/** What this machine has; tests bring their own. */
export interface BackEndsThere {
  /** Which of our own addons loads, or why none does. */
  addon(): { readonly file: string } | { readonly missing: string }
  /** Version of npm `socketcan`, or why it cannot be loaded. */
  native(): { readonly version: string } | { readonly missing: string }
  /** Whether a command is on the path. */
  command(name: string): boolean
  /** Version of can-utils, where the package database tells. */
  canUtilsVersion(): Promise<string | undefined>
}

const execute = promisify(execFile)
const VERSION_MS = 10_000

async function askCanUtilsVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await execute('dpkg-query', ['-W', '-f', '${Version}', 'can-utils'], {
      timeout: VERSION_MS,
    })
    return stdout.trim()
  } catch {
    return undefined
  }
}

let canUtilsVersion: Promise<string | undefined> | undefined

const firstLine = (error: unknown) => (error as Error).message.split('\n', 1)[0] ?? ''

export const HERE: BackEndsThere = {
  addon: () => {
    try {
      loadAddon()
      return { file: basename(addonFile(process.platform, process.arch)) }
    } catch (error) {
      return { missing: firstLine(error) }
    }
  },
  native: () => {
    try {
      return { version: loadPackage().version }
    } catch (error) {
      return { missing: firstLine(error) }
    }
  },
  command: (name) =>
    (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return true
      } catch {
        return false
      }
    }),
  canUtilsVersion: () => (canUtilsVersion ??= askCanUtilsVersion()),
}

/** Both ends of the pipe, and what holds them: an output line at a time, and no longer than we live. */
const COMMANDS = ['candump', 'canplayer', 'stdbuf', 'setpriv']
/** Interface names that can-utils take for something else; `,` and `=` part their arguments. */
const OTHER_MEANING = /^(any|stdout)$|[,=]/

const MEND_ADDON = 'gcc, libuv1-dev and run npm run build:can-addon, for a machine that has no prebuilt addon'
const MEND_NATIVE = 'npm socketcan (Node ≥22.22: npm install socketcan)'
const MEND_PIPE = 'can-utils (apt-get install can-utils coreutils util-linux)'

export interface BackEndRequest {
  /** The bus's URL, for messages. */
  readonly url: string
  readonly interface: string
  /** Where it is left out: the first of addon, native and pipe that this machine has. */
  readonly backEnd?: SocketCanBackEnd | undefined
}

/** @throws CanBusUnavailable `no-back-end`, with the ways to mend it */
export async function chooseBackEnd(
  { url, interface: networkInterface, backEnd }: BackEndRequest,
  there: BackEndsThere = HERE,
): Promise<ChosenBackEnd> {
  const problems: string[] = []
  const mayBe = (kind: SocketCanBackEnd) => backEnd === undefined || backEnd === kind
  if (mayBe('addon')) {
    const addon = there.addon()
    if ('file' in addon) return { kind: 'addon', title: `CAN_RAW socket of Lockstep's addon (${addon.file})` }
    problems.push(`Lockstep's addon does not load (${addon.missing})`)
  }
  if (mayBe('native')) {
    const native = there.native()
    if ('version' in native) return { kind: 'native', title: `npm socketcan ${native.version}` }
    problems.push(`npm socketcan does not load (${native.missing})`)
  }
  if (mayBe('pipe')) {
    const missing = COMMANDS.filter((command) => !there.command(command))
    if (OTHER_MEANING.test(networkInterface)) {
      problems.push(
        `can-utils would misread the name ${JSON.stringify(networkInterface)}; rename the interface`,
      )
    } else if (missing.length === 0) {
      const version = await there.canUtilsVersion()
      return {
        kind: 'pipe',
        title: `candump and canplayer (can-utils${version === undefined ? ', version unknown' : ` ${version}`})`,
      }
    } else problems.push(`of can-utils and what holds them ${missing.join(', ')} is missing`)
  }
  const mend = {
    addon: MEND_ADDON,
    native: MEND_NATIVE,
    pipe: MEND_PIPE,
    any: `${MEND_PIPE}, or ${MEND_NATIVE}`,
  }
  throw new CanBusUnavailable(url, 'no-back-end', problems.join('; '), `Install ${mend[backEnd ?? 'any']}`)
}
