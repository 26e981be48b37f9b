import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import { createMemoryCan, type MemoryCanOptions } from './memory-can.js'

const BUSES: Readonly<Record<string, MemoryCanOptions>> = {
  'memory-can': {},
  'memory-can, classic': { classic: true },
  'memory-can, virtual time': { pace: 'virtual' },
}

for (const [name, options] of Object.entries(BUSES)) {
  canBusConformance(name, async ({ a, b } = {}) => {
    const can = createMemoryCan(options)
    // Acknowledges what the last of the two sends after the other has left; a node alone would repeat it for ever.
    can.join('witness')
    return { a: can.join('a', a), b: can.join('b', b), close: () => can.close() }
  })
}
