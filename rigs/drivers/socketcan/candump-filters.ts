import { MAX_STANDARD_ID } from '../../../reference/can/can-frame-check.js'
import type { CanFilter } from '../../../reference/ports/can-bus.js'
import { EFF_FLAG } from './kernel-frame.js'

/** Far below CAN_RAW_FILTER_MAX (linux/can/raw.h), and a command line of moderate length. */
const MOST = 200
const EVERYTHING = '0:0'
const NOTHING = '0~0'

const hex = (value: number) => (value >>> 0).toString(16).toUpperCase()

function candumpFilter({ id, mask, extended, invert = false }: CanFilter): string {
  const sign = invert ? '~' : ':'
  const masked = (id & mask) >>> 0
  if (extended === undefined) return `${hex(masked)}${sign}${hex(mask)}`
  if (extended) return `${hex(masked | EFF_FLAG)}${sign}${hex(mask | EFF_FLAG)}`
  // The kernel looks at 11 bits only (net/can/af_can.c, can_rcv_list_find): above them nothing can match.
  if (masked > MAX_STANDARD_ID) return invert ? EVERYTHING : NOTHING
  return `${hex(masked)}${sign}${hex(mask | EFF_FLAG)}`
}

/** The kernel's filters that let in exactly what the node's filters do, as candump's command line has them. */
export function candumpFilters(filters: readonly CanFilter[] | undefined): string[] {
  if (!filters || filters.length > MOST) return [EVERYTHING]
  return filters.length === 0 ? [NOTHING] : filters.map(candumpFilter)
}
