/** Needs a kernel with CAN: `npm run test:vcan` and `npm run test:emulated` run it inside one. */
import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import { BACK_ENDS, INTERFACE_A, INTERFACE_B, openTwoNodes } from './kernel-test-bus.js'

const bus = INTERFACE_A === INTERFACE_B ? INTERFACE_A : `${INTERFACE_A} and ${INTERFACE_B}`

const lengths = process.env['LOCKSTEP_CAN_REMOTE_LENGTHS']?.split(',').map(Number)

for (const backEnd of BACK_ENDS) {
  canBusConformance(`socketcan on ${bus}, ${backEnd}`, (options) => openTwoNodes(backEnd, options), {
    ...(lengths && { remoteLengths: lengths }),
    burst: { module: new URL('./kernel-burst-node.js', import.meta.url).href, address: () => backEnd },
  })
}
