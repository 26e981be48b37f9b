import { lockFaultConformance } from '../../conformance/lock-faults/lock-faults.js'
import { openInStepBoard } from './fixtures/in-step-board.js'

lockFaultConformance("an Arduino Uno with Lockstep's firmware", () => openInStepBoard('lockstep'))

/** StandardFirmata protects nothing by itself: what hurts must be stopped by the lock's machine alone. */
const WITHOUT_PROTECTIONS = ['jam', 'wedged', 'vehicle-mid-rise']

lockFaultConformance(
  'an Arduino Uno with StandardFirmata',
  () => openInStepBoard('standard-firmata'),
  ({ kind }) => WITHOUT_PROTECTIONS.includes(kind),
)
