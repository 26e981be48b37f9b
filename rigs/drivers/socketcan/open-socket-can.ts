import { Worker } from 'node:worker_threads'
import { canFilter } from '../../../reference/can/can-filter.js'
import type { SocketCanBackEnd } from '../../../reference/can/can-url.js'
import {
  CanBusUnavailable,
  DEFAULT_RECEIVE_BUFFER,
  DEFAULT_SEND_QUEUE,
  type CanBus,
  type CanFeatures,
  type CanOpenOptions,
} from '../../../reference/ports/can-bus.js'
import { chooseBackEnd, type ChosenBackEnd } from './choose-back-end.js'
import { FrameRing } from './frame-ring.js'
import { filtersExactly } from './kernel-filters.js'
import { probeInterface } from './interface-probe.js'
import { CLASSIC_BYTES, FD_BYTES } from './kernel-frame.js'
import { loadAddon } from './kernel-socket.js'
import { KernelSocketNode } from './kernel-socket-node.js'
import { SocketCanNode } from './socket-can-node.js'
import { echoesAtOnce, isVirtual, type CanInterface, type WorkerSettings } from './worker-protocol.js'

export interface SocketCanSettings {
  /** Name of a network interface, e.g. `can0`. */
  readonly interface: string
  /** Where it is left out: the first of addon, native and pipe that this machine has. */
  readonly backEnd?: SocketCanBackEnd | undefined
  /** What the bus must run at, bits a second; virtual interfaces have no bitrate and take any. */
  readonly bitrate?: number | undefined
  /** The bus's URL, for messages. */
  readonly url: string
}

/** Whether the back end always knows exactly how many frames its listeners miss. */
function countsLoss(
  kind: SocketCanBackEnd,
  canInterface: CanInterface,
  filters: CanOpenOptions['filters'],
): boolean {
  switch (kind) {
    case 'addon':
      // A controller that overflows cannot say how many frames it had no room for.
      return isVirtual(canInterface) && filtersExactly(filters)
    case 'native':
      // npm socketcan tells no drop at all, so that its count lags behind.
      return false
    case 'pipe':
      // On a real bus nobody tells whether a dropped frame was an echo that had yet to come.
      return echoesAtOnce(canInterface)
  }
}

function featuresOf(
  { kind, title }: ChosenBackEnd,
  canInterface: CanInterface,
  filters: CanOpenOptions['filters'],
): CanFeatures {
  // npm socketcan drops the FD flags of what it receives.
  const flagsLost = kind === 'native' && canInterface.fd
  return {
    fd: canInterface.fd && !flagsLost,
    remote: true,
    rawDlc: false,
    errorFrames: true,
    timestamps: 'kernel',
    countsLoss: countsLoss(kind, canInterface, filters),
    backEnd: flagsLost ? `${title}, which cannot tell FD frames of up to 8 bytes from classic ones` : title,
  }
}

/**
 * Opens a node on a CAN interface of the Linux kernel. The stalls of this thread lose nothing that there is room for: another one then reads.
 * @throws CanBusUnavailable, InvalidCanFilter
 */
export async function openSocketCan(
  settings: SocketCanSettings,
  options: CanOpenOptions = {},
): Promise<CanBus> {
  const { url } = settings
  const { filters, receiveOwn = false } = options
  canFilter(filters)
  const canInterface = await probeInterface(settings)
  const backEnd = await chooseBackEnd(settings)
  const features = featuresOf(backEnd, canInterface, filters)
  if (backEnd.kind === 'addon') {
    return new KernelSocketNode({ api: loadAddon(), interface: canInterface, features, url, options })
  }
  const ring = FrameRing.allocate(
    options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
    canInterface.fd ? FD_BYTES : CLASSIC_BYTES,
  )
  const worker = new Worker(new URL('./socket-can-worker.js', import.meta.url), {
    workerData: {
      backEnd: backEnd.kind,
      interface: canInterface,
      ring: ring.shared,
      filters: filters?.map((filter) => ({ ...filter })),
      receiveOwn,
    } satisfies WorkerSettings,
  })
  const node = new SocketCanNode(worker, ring, features, options.sendQueue ?? DEFAULT_SEND_QUEUE, url)
  const refusal = await node.opened
  if (!refusal) return node
  await node.close()
  throw new CanBusUnavailable(url, refusal.reason, refusal.problem, refusal.mend)
}
