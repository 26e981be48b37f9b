import type { CanFilter, CanFrame } from '../ports/can-bus.js'
import { MAX_EXTENDED_ID } from './can-frame-check.js'
import { UsageFault } from '../ports/faults.js'

/** Thrown for a filter that matches no possible frame by mistake, e.g. an id of more than 29 bits. */
export class InvalidCanFilter extends UsageFault {
  override readonly name = 'InvalidCanFilter'
}

function requireFilter({ id, mask, extended, invert }: CanFilter): void {
  for (const [name, value] of Object.entries({ id, mask })) {
    if (!Number.isInteger(value) || value < 0 || value > MAX_EXTENDED_ID) {
      throw new InvalidCanFilter(`a filter's ${name} is ${String(value)}, not 0…0x1FFFFFFF`)
    }
  }
  for (const [name, flag] of Object.entries({ extended, invert })) {
    if (flag !== undefined && typeof flag !== 'boolean') {
      throw new InvalidCanFilter(`a filter's ${name} is ${typeof flag}, not true or false`)
    }
  }
}

const matches = ({ id, mask, extended, invert = false }: CanFilter, frame: CanFrame): boolean =>
  ((extended === undefined || extended === frame.extended) && (frame.id & mask) === (id & mask)) !== invert

/**
 * What a node opened with these filters hears (see `CanOpenOptions.filters`).
 * @throws InvalidCanFilter
 */
export function canFilter(filters: readonly CanFilter[] | undefined): (frame: CanFrame) => boolean {
  if (!filters) return () => true
  for (const filter of filters) requireFilter(filter)
  const own = filters.map((filter) => ({ ...filter }))
  return (frame) => own.some((filter) => matches(filter, frame))
}
