import type { Firmata } from 'firmata-io'
import type { Board } from 'johnny-five'
import type { HardwareSample } from '../../../reference/ports/lock-hardware.js'
import { ADC_REFERENCE_VOLTS, ADC_STEPS, type InputPin, type PinMap } from '../../pin-map.js'
import { firmata } from './firmata-wire.js'

/**
 * Has the board report every sensor of the lock.
 * @param update takes what has been read
 * @param whole called when a sample is whole
 */
export function readSensors(
  board: Board,
  io: Firmata,
  pins: PinMap,
  update: (part: Partial<HardwareSample>) => void,
  whole: () => void,
): void {
  const { limitUp, limitDown, vehicle, tamper, contactSense, motorCurrent, battery } = pins
  const read = (input: InputPin, take: (active: boolean) => Partial<HardwareSample>) => {
    board.pinMode(input.pin, input.pull === 'up' ? io.MODES.PULLUP : io.MODES.INPUT)
    const activeLevel = input.active === 'high' ? 1 : 0
    board.digitalRead(input.pin, (value) => update(take(value === activeLevel)))
  }
  read(limitUp, (limitUp) => ({ limitUp }))
  read(limitDown, (limitDown) => ({ limitDown }))
  read(vehicle, (vehiclePresent) => ({ vehiclePresent }))
  read(tamper, (tampered) => ({ tampered }))
  read(contactSense, (actuatorSupplied) => ({ actuatorSupplied }))
  // The firmware reports channels in ascending order; a sample is whole when the last of them has come.
  const last = Math.max(motorCurrent.channel, battery.channel)
  const analog = (channel: number, take: (volts: number) => Partial<HardwareSample>) => {
    board.analogRead(channel, (value) => {
      update(take((value * ADC_REFERENCE_VOLTS) / ADC_STEPS))
      if (channel === last) whole()
    })
  }
  analog(motorCurrent.channel, (volts) => ({ motorCurrentAmps: volts / motorCurrent.voltsPerAmp }))
  analog(battery.channel, (volts) => ({ batteryVolts: volts * battery.dividerRatio }))
}

/** The bytes that end the reports: the next client finds a quiet line. */
export function stopReports(pins: PinMap): number[] {
  const { motorCurrent, battery, limitUp, limitDown, vehicle, tamper, contactSense } = pins
  const ports = new Set([limitUp, limitDown, vehicle, tamper, contactSense].map(({ pin }) => pin >> 3))
  return [
    ...[motorCurrent, battery].flatMap(({ channel }) => firmata.reportAnalog(channel, false)),
    ...[...ports].flatMap((port) => firmata.reportDigital(port, false)),
  ]
}
