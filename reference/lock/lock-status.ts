import type { LockStatus } from '../contracts/lock-link.js'
import type { BoltControl } from './bolt-control.js'
import type { FixReporter } from './fix-reporter.js'
import type { Health } from './health.js'
import type { LockCore } from './lock-core.js'

/** Steps in which the battery voltage is told, volts: finer ones are the ADC's noise. */
const TOLD_VOLTS = 0.2

/** What the lock says of itself: every region of its machine by name, and what is wrong. */
export function lockStatus(
  core: LockCore,
  bolt: BoltControl,
  health: Health,
  fixes: FixReporter | undefined,
  batteryVolts: number,
): LockStatus {
  const { occupied, bootCount, reservation, wear } = core.memory
  const { faults, cameraFaults } = health
  const [gravest] = faults
  return {
    online: true,
    bolt: bolt.position,
    bootCount,
    ...(occupied !== undefined && { occupied }),
    batteryVolts: Number((Math.round(batteryVolts / TOLD_VOLTS) * TOLD_VOLTS).toFixed(1)),
    ...(gravest && { fault: gravest }),
    faults,
    state: bolt.bolt.state,
    battery: bolt.battery,
    ...(fixes && { gps: fixes.state }),
    ...(cameraFaults && { camera: cameraFaults }),
    wear: { ...wear, energyJoules: Number(wear.energyJoules.toFixed(1)) },
    reservationId: reservation?.id ?? null,
  }
}
