import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awaitSample, lockHardwareConformance } from '../../conformance/lock-hardware.js'
import { SimulatedLockHardware } from './simulated-lock-hardware.js'

lockHardwareConformance('the simulated lock body', async () => {
  const hardware = new SimulatedLockHardware({ bolt: 'up' })
  return {
    hardware,
    setVehiclePresent: (present) => hardware.plant.setVehiclePresent(present),
    setTampered: (tampered) => hardware.plant.setTampered(tampered),
    lose: () => hardware.lose('link-closed'),
    close: () => hardware.close(),
  }
})

test('A jammed bolt draws the current of a stall and stays between its limits', async (t) => {
  const hardware = new SimulatedLockHardware({ bolt: 'up' })
  t.after(() => hardware.close())
  hardware.drive('down')
  await awaitSample(hardware, 'the bolt between', (sample) => !sample.limitUp)
  hardware.plant.inject({ kind: 'wedged' })
  const stalled = await awaitSample(hardware, 'a stall', (sample) => sample.motorCurrentAmps > 2)
  const later = await awaitSample(
    hardware,
    'a while',
    ({ hardwareMs }) => hardwareMs > stalled.hardwareMs + 800,
  )
  assert.equal(later.limitDown, false)
  hardware.plant.mend()
  await awaitSample(hardware, 'the bolt down', (sample) => sample.limitDown)
})
