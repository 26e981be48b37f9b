import { lockFaultConformance } from '../../conformance/lock-faults/lock-faults.js'
import { SimulatedLockHardware } from './simulated-lock-hardware.js'
import type { PlantTrace } from './lock-plant.js'

lockFaultConformance('the simulated lock body', async () => {
  const trace: PlantTrace[] = []
  const hardware = new SimulatedLockHardware({
    bolt: 'up',
    ticks: false,
    onTrace: (record) => trace.push(record),
  })
  return {
    hardware,
    trace,
    hasChip: false,
    inject: (fault) => hardware.plant.inject(fault),
    mend: () => hardware.plant.mend(),
    observe: () => hardware.plant.observe(),
    nowMs: () => hardware.plant.observe().hardwareMs,
    pass: async (ms) => hardware.pass(ms),
    close: () => hardware.close(),
  }
})
