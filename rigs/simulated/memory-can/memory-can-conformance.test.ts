import { canBusConformance } from '../../conformance/can-bus.js'
import { createMemoryCan } from './memory-can.js'

canBusConformance('memory-can', async () => {
  const can = createMemoryCan()
  return { a: can.join('a'), b: can.join('b'), close: () => can.close() }
})
