import type { SocketCanBackEnd } from '../../../reference/can/can-url.js'
import type { CanFilter, CanUnavailableReason } from '../../../reference/ports/can-bus.js'
import type { Intake } from './intake.js'
import type { KernelFrame } from './kernel-frame.js'
import { RigFault } from '../../../reference/ports/faults.js'

/** A CAN interface that is up, as it was when it was looked at. */
export interface CanInterface {
  readonly name: string
  /** Another number under the same name is another interface. */
  readonly index: number
  readonly fd: boolean
  /** `vcan`, `can`, `slcan` …; undefined where the `ip` tool is missing. */
  readonly kind: string | undefined
  /** Frames that may wait in the kernel's queue. */
  readonly sendQueueLength: number
}

const VIRTUAL_KINDS = ['vcan', 'vxcan']

/** Whether an interface has no wire, hence no controller and no bitrate. */
export const isVirtual = ({ kind }: Pick<CanInterface, 'kind'>) =>
  kind !== undefined && VIRTUAL_KINDS.includes(kind)

/**
 * A virtual interface hands each frame to its listeners before the sender goes on; on a real one the echo comes when
 * the frame has been on the wire.
 */
export const echoesAtOnce = ({ kind }: CanInterface) => kind === 'vcan'

export interface WorkerSettings {
  readonly backEnd: SocketCanBackEnd
  readonly interface: CanInterface
  readonly ring: SharedArrayBuffer
  readonly filters: readonly CanFilter[] | undefined
  readonly receiveOwn: boolean
}

export type WorkerRequest =
  { readonly kind: 'send'; readonly frames: ArrayBuffer } | { readonly kind: 'close' }

/** `wake`: there are news in the ring. */
export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'wake' }
  | { readonly kind: 'fault'; readonly problem: string }

export interface Refusal {
  readonly reason: CanUnavailableReason
  readonly problem: string
  readonly mend: string
}

/** Thrown in the worker when a back end cannot be opened. */
export class BackEndRefused extends RigFault {
  override readonly name = 'BackEndRefused'
  constructor(readonly refusal: Refusal) {
    super(refusal.problem)
  }
}

/** What moves frames between this process and the kernel. */
export interface BackEnd {
  /** Sends in the order of the calls, and tells the intake what is sent. */
  send(frames: readonly KernelFrame[]): void
  close(): Promise<void>
}

export interface BackEndSettings {
  readonly interface: CanInterface
  readonly filters: readonly CanFilter[] | undefined
  readonly intake: Intake
  /** Called when nothing works any more; only the first call counts. */
  readonly fault: (problem: string) => void
}
