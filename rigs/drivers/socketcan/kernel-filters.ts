import { MAX_STANDARD_ID } from '../../../reference/can/can-frame-check.js'
import type { CanFilter } from '../../../reference/ports/can-bus.js'
import { EFF_FLAG } from './kernel-frame.js'

/** `struct can_filter` (linux/can.h), its inversion apart. */
export interface KernelFilter {
  /** Identifier and flags, unsigned. */
  readonly canId: number
  readonly mask: number
  readonly invert: boolean
}

/** Far below CAN_RAW_FILTER_MAX (linux/can/raw.h), and a command line of moderate length. */
const MOST = 200
const EVERYTHING: KernelFilter = { canId: 0, mask: 0, invert: false }
const NOTHING: KernelFilter = { canId: 0, mask: 0, invert: true }

function kernelFilter({ id, mask, extended, invert = false }: CanFilter): KernelFilter {
  const masked = (id & mask) >>> 0
  if (extended === undefined) return { canId: masked, mask, invert }
  const both = (mask | EFF_FLAG) >>> 0
  if (extended) return { canId: (masked | EFF_FLAG) >>> 0, mask: both, invert }
  // The kernel looks at 11 bits only (net/can/af_can.c, can_rcv_list_find): above them nothing can match.
  if (masked > MAX_STANDARD_ID) return invert ? EVERYTHING : NOTHING
  return { canId: masked, mask: both, invert }
}

/** Whether `kernelFilters` lets in no more than the node's filters do. */
export const filtersExactly = (filters: readonly CanFilter[] | undefined) => (filters?.length ?? 0) <= MOST

/** The kernel's filters that let in what the node's filters do, of which any must match; more where those are many. */
export function kernelFilters(filters: readonly CanFilter[] | undefined): KernelFilter[] {
  if (!filters || !filtersExactly(filters)) return [EVERYTHING]
  return filters.length === 0 ? [NOTHING] : filters.map(kernelFilter)
}
