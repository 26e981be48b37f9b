import type { CanFilter } from '../../../reference/ports/can-bus.js'
import { kernelFilters } from './kernel-filters.js'

const hex = (value: number) => value.toString(16).toUpperCase()

/** The kernel's filters as candump's command line has them. */
export const candumpFilters = (filters: readonly CanFilter[] | undefined): string[] =>
  kernelFilters(filters).map(({ canId, mask, invert }) => `${hex(canId)}${invert ? '~' : ':'}${hex(mask)}`)
