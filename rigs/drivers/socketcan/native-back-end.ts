import { randomInt } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { interfaceTrouble } from './interface-state.js'
import {
  EFF_FLAG,
  ERR_FLAG,
  FDF,
  ID_MASK,
  isError,
  RTR_FLAG,
  CLASSIC_BYTES,
  type KernelFrame,
} from './kernel-frame.js'
import { KernelCount } from './kernel-count.js'
import { OwnEcho } from './own-echo.js'
import { SendQueue } from './send-queue.js'
import { everyFrame, readMatches } from './receive-list.js'
import { loadPackage, type PackageChannel, type PackageFrame } from './socketcan-package.js'
import { BackEndRefused, echoesAtOnce, type BackEnd, type BackEndSettings } from './worker-protocol.js'

/** CAN_RAW (linux/can.h). */
const RAW_PROTOCOL = 1
/** An inverted filter that everything matches. */
const NOTHING = [{ id: 0, mask: 0, invert: true }]
/** How long after a frame the kernel's count is looked at, when no other follows. */
const TRAILING_MS = 5
/** After so long a silence the socket's queue is empty: the package looks into it every 100 ms at the latest. */
const QUIET_MS = 500
/** Looking at the kernel's count may take one part in so many of the time. */
const COUNT_SHARE = 10

/**
 * The package has the kernel stamp frames from the first one on that it reads; those that were queued before get the
 * time at which they are read, and tell nothing about their order. After so long they are all read.
 */
const STAMPED_MS = 1_000
/** The kernel stamps with the wall clock; never before now. */
const nowUs = () => (Date.now() + 1) * 1_000

function kernelFrameOf({
  id,
  ext,
  rtr,
  err,
  data,
  ts_sec: seconds,
  ts_usec: micros,
}: PackageFrame): KernelFrame {
  return {
    canId: (id | (ext ? EFF_FLAG : 0) | (rtr ? RTR_FLAG : 0) | (err ? ERR_FLAG : 0)) >>> 0,
    // The package does not say which frames are FD; more than 8 bytes do.
    flags: data.length > CLASSIC_BYTES ? FDF : 0,
    length: data.length,
    data: rtr ? new Uint8Array(0) : data,
    timestampUs: seconds === undefined || micros === undefined ? nowUs() : seconds * 1_000_000 + micros,
  }
}

function packageFrameOf({ canId, length, data }: KernelFrame): PackageFrame {
  const rtr = (canId & RTR_FLAG) !== 0
  return {
    id: canId & ID_MASK,
    ext: (canId & EFF_FLAG) !== 0,
    rtr,
    // Of a remote frame the package takes the length that is asked for from the data, which the kernel ignores.
    data: rtr ? Buffer.alloc(length) : Buffer.from(data),
  }
}

/**
 * The back end of npm `socketcan`.
 * @throws BackEndRefused
 */
export async function openNative(settings: BackEndSettings): Promise<BackEnd> {
  const { interface: canInterface, filters, intake, fault } = settings
  const { name } = canInterface
  const atOnce = echoesAtOnce(canInterface)
  const count = new KernelCount()
  const echo = new OwnEcho(intake, { atOnce, unwantedToo: filters !== undefined, silentDrops: true })
  const counted = everyFrame(randomInt(0x1000_0000, ID_MASK))
  let ownMatched = 0
  let closed = false

  const ended = () => {
    if (!closed) fault(interfaceTrouble(canInterface) ?? 'the socket of npm socketcan has ended')
  }
  const open = (): PackageChannel => {
    try {
      return loadPackage().api.createRawChannelWithOptions(name, {
        timestamps: true,
        protocol: RAW_PROTOCOL,
        non_block_send: true,
      })
    } catch (error) {
      throw new BackEndRefused({
        reason: 'no-permission',
        problem: `npm socketcan opens no channel: ${(error as Error).message}`,
        mend: interfaceTrouble(canInterface) ?? 'Let this user, container or sandbox open AF_CAN sockets',
      })
    }
  }

  const receiver = open()
  const hearsNothing = filters?.length === 0
  receiver.setRxFilters(
    hearsNothing
      ? NOTHING
      : counted.map(({ id, mask, list }) => ({ id, mask, invert: list === 'rcvlist_inv' })),
  )
  receiver.setErrorFilters(ID_MASK)
  // The kernel does not echo a frame to the socket that sent it, so who wants to hear its own needs a second one.
  const sender = intake.receiveOwn ? open() : receiver
  if (sender !== receiver) {
    sender.setRxFilters(NOTHING)
    sender.setErrorFilters(0)
  }
  if (!hearsNothing && readMatches(counted, name) === undefined) {
    throw new BackEndRefused({
      reason: 'no-back-end',
      problem:
        'the kernel does not show under /proc/net/can what its filters matched, so losses would be silent',
      mend: 'Mount /proc, or ask for backend=pipe',
    })
  }

  let drained: NodeJS.Immediate | undefined
  let trailing: NodeJS.Timeout | undefined
  let quiet: NodeJS.Timeout | undefined
  /** On performance.now's clock. */
  let stampedAt: number | undefined
  let nextLookAt: number | undefined
  const lost = (frames: number) => {
    if (frames > 0) echo.dropped(frames)
  }
  const look = (last: boolean) => {
    const startedAt = performance.now()
    const matches = readMatches(counted, name)
    const endedAt = performance.now()
    nextLookAt = endedAt + COUNT_SHARE * (endedAt - startedAt)
    if (matches === undefined) return
    if (last) count.checkLast(matches - ownMatched, nowUs())
    else count.check(matches - ownMatched, nowUs())
  }
  const whenQuiet = () => {
    lost(count.quiet())
    echo.quiet()
  }
  const lookLast = () => {
    look(true)
    quiet = setTimeout(whenQuiet, QUIET_MS)
  }
  receiver.addListener('onMessage', (heard) => {
    const frame = kernelFrameOf(heard)
    if (!isError(frame)) lost(count.hear(frame.timestampUs))
    echo.heard(frame, true)
    if (hearsNothing) return
    clearTimeout(quiet)
    const now = performance.now()
    stampedAt ??= now + STAMPED_MS
    nextLookAt ??= stampedAt
    clearTimeout(trailing)
    trailing = setTimeout(lookLast, Math.max(TRAILING_MS, stampedAt - now))
    drained ??= setImmediate(() => {
      drained = undefined
      if (performance.now() >= (nextLookAt ?? 0)) look(false)
    })
  })
  receiver.addListener('onStopped', ended)
  receiver.start()

  const send = (frame: KernelFrame): boolean => {
    if (intake.receiveOwn) echo.sent(frame)
    const taken = sender.send(packageFrameOf(frame)) >= 0
    if (intake.receiveOwn) {
      if (!taken) echo.unsent(1)
    } else if (taken) ownMatched++
    return taken
  }
  const queue = new SendQueue(send, {
    sent: (frames) => intake.sent(frames),
    // The package keeps the reason to itself. What has been validated fails by a full queue or a dead interface.
    alive: () => {
      const dead = interfaceTrouble(canInterface) !== undefined
      if (dead) ended()
      return !dead
    },
  })
  return {
    send: (frames) => queue.push(frames),
    close: async () => {
      closed = true
      echo.close()
      clearImmediate(drained)
      queue.close()
      for (const timer of [trailing, quiet]) clearTimeout(timer)
      receiver.stop()
      // Its handles must be closed before the thread ends, and that frees the sockets.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    },
  }
}
