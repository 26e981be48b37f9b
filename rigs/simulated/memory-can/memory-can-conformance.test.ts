import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import { createMemoryCan } from './memory-can.js'

canBusConformance('memory-can', async ({ a, b } = {}) => {
  const can = createMemoryCan()
  return { a: can.join('a', a), b: can.join('b', b), close: () => can.close() }
})
