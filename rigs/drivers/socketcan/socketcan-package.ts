import { createRequire } from 'node:module'

/** A frame of npm `socketcan`. Its own declarations do not compile where it is not installed. */
export interface PackageFrame {
  readonly id: number
  readonly ext?: boolean
  readonly rtr?: boolean
  readonly err?: boolean
  readonly data: Buffer
  readonly ts_sec?: number
  readonly ts_usec?: number
}

/** The part of its raw channel that is used here. */
export interface PackageChannel {
  start(): void
  stop(): void
  /** @returns bytes that the kernel took, or -1 */
  send(frame: PackageFrame): number
  addListener(event: 'onMessage', listener: (frame: PackageFrame) => void): void
  addListener(event: 'onStopped', listener: () => void): void
  setRxFilters(
    filters: readonly { readonly id: number; readonly mask: number; readonly invert?: boolean }[],
  ): void
  setErrorFilters(mask: number): void
}

export interface SocketCanPackage {
  createRawChannelWithOptions(
    networkInterface: string,
    options: { readonly timestamps: boolean; readonly protocol: number; readonly non_block_send: boolean },
  ): PackageChannel
}

/** Older ones overflow their stack (issues 199 and 200 of sebi2k1/node-can). */
const OLDEST = [4, 3, 1] as const
const NAME = 'socketcan'

const require = createRequire(import.meta.url)

function newEnough(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [at, least] of OLDEST.entries()) {
    const part = parts[at] ?? 0
    if (part !== least) return part > least
  }
  return true
}

/** Loads the package. @throws whatever says why it cannot be */
export function loadPackage(): { readonly version: string; readonly api: SocketCanPackage } {
  const { version } = require(`${NAME}/package.json`) as { readonly version: string }
  if (!newEnough(version)) throw new Error(`npm ${NAME} ${version} is older than ${OLDEST.join('.')}`)
  return { version, api: require(NAME) as SocketCanPackage }
}
