import {
  ADC_REFERENCE_VOLTS,
  ADC_STEPS,
  type InputPin,
  type PinMap,
  type ServoPin,
} from '../../../pin-map.js'
import type { protectionLimits } from './protection-limits.js'

/** The ATmega328P's hardware pulses come out here (OC1A, OC1B). */
const SERVO_PINS = [9, 10]

/** Thrown for a pin map that the firmware cannot carry. */
export class UnbuildablePinMap extends Error {
  override readonly name = 'UnbuildablePinMap'
}

/**
 * The pin map and the limits as a C header, so that the firmware knows the same wiring as the host.
 * @throws UnbuildablePinMap
 */
export function lockPinsHeader(pins: PinMap, limits: typeof protectionLimits): string {
  if (!SERVO_PINS.includes(pins.servo.pin)) {
    throw new UnbuildablePinMap(
      `the servo is on D${pins.servo.pin}, but the firmware's pulses come out on D9 or D10`,
    )
  }
  const { motorCurrent, battery } = pins
  const definitions = {
    RELAY_PIN: pins.relay.pin,
    SERVO_PIN: pins.servo.pin,
    SERVO_DOWN_US: pulseUs(pins.servo, 'down'),
    SERVO_UP_US: pulseUs(pins.servo, 'up'),
    ...contact('LIMIT_DOWN', pins.limitDown),
    ...contact('LIMIT_UP', pins.limitUp),
    ...contact('VEHICLE', pins.vehicle),
    ...contact('TAMPER', pins.tamper),
    ...contact('CONTACT_SENSE', pins.contactSense),
    MOTOR_CURRENT_CHANNEL: motorCurrent.channel,
    BATTERY_CHANNEL: battery.channel,
    OVER_CURRENT_CODE: adcCode(limits.overCurrentAmps * motorCurrent.voltsPerAmp),
    OVER_CURRENT_MS: limits.overCurrentMs,
    INRUSH_MS: limits.inrushMs,
    HEARTBEAT_MS: limits.heartbeatMs,
    BOTH_LIMITS_MS: limits.bothLimitsMs,
    END_OF_TRAVEL_MS: limits.endOfTravelMs,
    LIMIT_DEBOUNCE_MS: limits.limitDebounceMs,
  }
  return [
    '/* Made of rigs/pin-map.ts and protection-limits.ts by `npm run firmware`: change those. */',
    '#pragma once',
    '',
    ...Object.entries(definitions).map(([name, value]) => `#define ${name} ${value}`),
    '',
  ].join('\n')
}

function contact(name: string, { pin, active, pull }: InputPin): Record<string, number> {
  return {
    [`${name}_PIN`]: pin,
    [`${name}_ACTIVE_HIGH`]: active === 'high' ? 1 : 0,
    [`${name}_PULL_UP`]: pull === 'up' ? 1 : 0,
  }
}

function pulseUs({ pulseUs: { at0, at180 }, degrees }: ServoPin, end: 'up' | 'down'): number {
  return Math.round(at0 + ((at180 - at0) * degrees[end]) / 180)
}

function adcCode(volts: number): number {
  return Math.floor((volts / ADC_REFERENCE_VOLTS) * ADC_STEPS)
}
