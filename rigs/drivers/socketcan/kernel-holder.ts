/** A process that holds a bus open until it is killed. */
import { INTERFACE_A, openNode } from './kernel-test-bus.js'

await openNode('pipe', INTERFACE_A)
process.send?.('open')
