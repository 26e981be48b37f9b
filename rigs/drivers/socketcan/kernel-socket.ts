import { createRequire } from 'node:module'
import { join } from 'node:path'
import { packageRoot } from '../../../reference/package-root.js'

/** Words of `KernelSocket.news`: node-socket.h, `enum news`. */
export const NEWS = { frames: 0, lost: 1, error: 2, more: 3, writable: 4, sendError: 5 } as const

/** Outgoing records that there are: can-socket.h, SYSTEM_CALL_FRAMES. */
export const OUTGOING_FRAMES = 64

/** A CAN_RAW socket on the event loop of this thread, with memory that the addon shares. */
export interface KernelSocket {
  /** 32-bit words. */
  readonly news: ArrayBuffer
  /** Records of what came, as many as the news say; each for 64 bytes on an FD interface, else for 8. */
  readonly received: ArrayBuffer
  /** Records for 64 bytes, of what `send` sends. */
  readonly outgoing: ArrayBuffer
}

/** The addon: addon/addon.c. */
export interface KernelSocketApi {
  /**
   * @param capacity frames kept while this thread stalls
   * @param filters `can_filter`s: id and mask in turn; null for none, which lets in everything
   * @param onNews called when `news` has changed
   * @throws Error with `errno` and `syscall`
   */
  open(
    interfaceIndex: number,
    fd: boolean,
    receiveOwn: boolean,
    capacity: number,
    filters: Uint32Array | null,
    onNews: () => void,
  ): KernelSocket
  /** Fills in news and received records. */
  receive(socket: KernelSocket): void
  /** @returns how many the kernel took; the news say what error stopped it */
  send(socket: KernelSocket, first: number, count: number): number
  /** There will be news when the socket has room. */
  awaitRoom(socket: KernelSocket): void
  close(socket: KernelSocket): void
}

/** Where the addon for a machine is, built: `npm run build:can-addon`. */
export const addonFile = (platform: string, architecture: string) =>
  join(packageRoot, 'rigs/drivers/socketcan/prebuilt', `${platform}-${architecture}.node`)

const require = createRequire(import.meta.url)

/** @throws whatever says why it cannot be loaded: no binary for this machine, or another C library */
export const loadAddon = (): KernelSocketApi =>
  require(addonFile(process.platform, process.arch)) as KernelSocketApi
