import { firmata } from '../../drivers/arduino/firmata-wire.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import { lockstep } from '../../drivers/arduino/lockstep-wire.js'
import { lockPinMap } from '../../pin-map.js'

/** What a simulated chip is kept busy with: the lock's servo, two ADC channels at 100 Hz, and reports of a port. */
export interface Workload {
  readonly firmware: FirmwareKind
  /** Longer than the firmware takes to boot. */
  readonly bootMs: number
  readonly measuredMs: number
  readonly heartbeat: boolean
  /** What the host says before the measurement. */
  readonly bytes: readonly number[]
}

const { servo, motorCurrent, battery } = lockPinMap

export function servoAndTwoChannels(firmware: FirmwareKind): Workload {
  const isOurs = firmware === 'lockstep'
  return {
    firmware,
    bootMs: isOurs ? 100 : 2_800,
    // Long enough that a just-in-time compiler's warming up does not count.
    measuredMs: isOurs ? 30_000 : 5_000,
    heartbeat: isOurs,
    bytes: [
      ...firmata.setSamplingInterval(10),
      ...firmata.reportAnalog(motorCurrent.channel, true),
      ...firmata.reportAnalog(battery.channel, true),
      ...firmata.reportDigital(0, true),
      ...(isOurs ? lockstep.arm(0) : []),
      ...firmata.configureServo(servo.pin, servo.pulseUs.at0, servo.pulseUs.at180),
      ...firmata.writeServo(servo.pin, 90),
    ],
  }
}

/** What a simulator did of it. The counts show that both did the same. */
export interface SimulatorRun {
  readonly processorSeconds: number
  readonly bytesSent: number
  readonly servoPulses: number
}
