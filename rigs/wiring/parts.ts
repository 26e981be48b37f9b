import { lockPinMap, type InputPin, type PinMap } from '../pin-map.js'

/** One pin of the Uno and what is soldered to it. */
export interface WiredPin {
  /** As printed on the board: `D8`, `A0`. */
  readonly pin: string
  /** What the pin map calls it. */
  readonly role: string
  /** `in`: left in the diagram; `out`: right. */
  readonly direction: 'in' | 'out'
  readonly signal: string
  /** Line by line, what lies between the pin and the lock. */
  readonly parts: readonly string[]
  /** Supply net that the parts hang on, if any. */
  readonly net?: string
}

/** One line of the bill of materials. */
export interface Part {
  readonly quantity: number
  readonly what: string
  readonly why: string
}

/** The shunt and its amplifier: together they make the pin map's volts per ampere. */
export const SHUNT_OHMS = 0.05
export const AMPLIFIER_GAIN = 20
/** Upper and lower resistor of the dividers, kiloohms. */
export const BATTERY_DIVIDER_KILOOHMS = { upper: 20, lower: 10 }
/** 8.4 V, a full battery, becomes 4.97 V; 6.0 V, an empty one, 3.55 V, still high for the chip (0.6 of 5 V). */
export const SENSE_DIVIDER_KILOOHMS = { upper: 4.7, lower: 6.8 }

/** The host watchdog: a 74HC4538 monostable on the host's serial line, pulse length 0.7 R C. */
export const WATCHDOG = { kiloohms: 680, microfarads: 1 }
export const watchdogMs = Math.round(0.7 * WATCHDOG.kiloohms * WATCHDOG.microfarads)

const contact = ({ active, pull }: InputPin): string[] => [
  active === 'low' ? 'switch, normally open, to GND' : 'contact, normally closed, to GND',
  pull === 'up' ? '10 kΩ pull-up to 5 V' : 'no pull-up',
  '1 kΩ in series',
]

/** Every connection of the Uno, by pin. */
export function wiredPins(map: PinMap = lockPinMap): WiredPin[] {
  const input = (role: string, at: InputPin, parts: readonly string[], net?: string): WiredPin => ({
    pin: `D${at.pin}`,
    role,
    direction: 'in',
    signal: at.active,
    parts,
    ...(net && { net }),
  })
  const { upper, lower } = SENSE_DIVIDER_KILOOHMS
  const pins: WiredPin[] = [
    input('limit switch, bolt down', map.limitDown, contact(map.limitDown)),
    input('limit switch, bolt up', map.limitUp, contact(map.limitUp)),
    input('vehicle sensor', map.vehicle, contact(map.vehicle)),
    input('tamper contact', map.tamper, contact(map.tamper)),
    input(
      'contact sense',
      map.contactSense,
      [`divider ${upper} kΩ / ${lower} kΩ to GND`, 'behind the relays'],
      'VACT',
    ),
    {
      pin: `A${map.motorCurrent.channel}`,
      role: 'motor current',
      direction: 'in',
      signal: `${map.motorCurrent.voltsPerAmp} V/A`,
      parts: [`INA180A1 (gain ${AMPLIFIER_GAIN}) over ${SHUNT_OHMS * 1000} mΩ`, '1 kΩ, 100 nF to GND'],
      net: 'RS',
    },
    {
      pin: `A${map.battery.channel}`,
      role: 'battery',
      direction: 'in',
      signal: `1/${map.battery.dividerRatio}`,
      parts: [
        `divider ${BATTERY_DIVIDER_KILOOHMS.upper} kΩ / ${BATTERY_DIVIDER_KILOOHMS.lower} kΩ to GND`,
        '100 nF over the lower one',
      ],
      net: 'VBAT',
    },
    {
      pin: `D${map.relay.pin}`,
      role: 'power relay K1',
      direction: 'out',
      signal: 'high',
      parts: [
        '220 Ω to the gate of Q1 (IRLZ44N)',
        '10 kΩ pull-down at the gate',
        'Q1: coil K1 (5 V), D1 1N4007 over it',
      ],
      net: 'K1',
    },
    {
      pin: `D${map.servo.pin}`,
      role: 'servo signal',
      direction: 'out',
      signal: `${map.servo.pulseUs.at0}–${map.servo.pulseUs.at180} µs`,
      parts: ['330 Ω in series', '10 kΩ pull-down at the servo', 'signal wire of the MG996R'],
    },
  ]
  return pins.sort((a, b) => a.pin.localeCompare(b.pin, 'en', { numeric: true }) || 0)
}

/** What has to be bought for one lock. */
export const BILL_OF_MATERIALS: readonly Part[] = [
  { quantity: 1, what: 'Arduino Uno R3 (ATmega328P) with a USB cable', why: 'the lock’s board' },
  {
    quantity: 1,
    what: 'servo MG996R or equal, with arm and bolt',
    why: 'the actuator: stalls at about 2.5 A at 6 V',
  },
  { quantity: 1, what: 'battery 2S Li-ion with protection, 5 A, removable', why: 'supply of the lock' },
  { quantity: 1, what: 'fuse 5 A, slow, with holder (F2)', why: 'the actuator’s own supply' },
  { quantity: 1, what: 'fuse 1 A with holder (F1)', why: 'the board’s supply, apart from the actuator’s' },
  {
    quantity: 1,
    what: 'emergency-stop button, latching, normally closed, 10 A DC',
    why: 'breaks the actuator’s supply by hand',
  },
  {
    quantity: 2,
    what: 'relay, 5 V coil, contact normally open, 10 A DC (K1, K2)',
    why: 'K1: the board’s; K2: the host watchdog’s. Without coil current nothing is supplied',
  },
  { quantity: 2, what: 'MOSFET IRLZ44N (Q1, Q2), diode 1N4007 (D1, D2)', why: 'drive the coils' },
  { quantity: 1, what: '74HC4538 retriggerable monostable', why: 'the host watchdog, without any firmware' },
  {
    quantity: 1,
    what: `resistor ${WATCHDOG.kiloohms} kΩ, film capacitor ${WATCHDOG.microfarads} µF`,
    why: `its time: ${watchdogMs} ms`,
  },
  { quantity: 1, what: `shunt ${SHUNT_OHMS * 1000} mΩ, 1 %, 2 W, and INA180A1`, why: 'motor current, 1 V/A' },
  { quantity: 2, what: 'micro switch, normally open, with lever', why: 'limits up and down' },
  {
    quantity: 1,
    what: 'vehicle sensor with a normally closed contact',
    why: 'a cut wire reads as a vehicle',
  },
  { quantity: 1, what: 'tamper contact, normally closed', why: 'a cut wire reads as tampering' },
  {
    quantity: 7,
    what: 'resistor 10 kΩ',
    why: 'pull-ups of four contacts; pull-downs of Q1, Q2 and the servo’s signal',
  },
  { quantity: 5, what: 'resistor 1 kΩ', why: 'in series with the contacts and the amplifier' },
  { quantity: 1, what: 'resistors 330 Ω, 2 × 220 Ω', why: 'servo signal; gates of Q1 and Q2' },
  {
    quantity: 1,
    what: `resistors ${BATTERY_DIVIDER_KILOOHMS.upper} kΩ and ${BATTERY_DIVIDER_KILOOHMS.lower} kΩ, 1 %`,
    why: 'battery divider',
  },
  {
    quantity: 1,
    what: `resistors ${SENSE_DIVIDER_KILOOHMS.upper} kΩ and ${SENSE_DIVIDER_KILOOHMS.lower} kΩ, 1 %`,
    why: 'contact sense; the lower one pulls an open contact low',
  },
  { quantity: 1, what: 'capacitor 1000 µF, 16 V', why: 'at the servo' },
  { quantity: 3, what: 'capacitor 100 nF', why: 'at the analog inputs and at the 74HC4538' },
  {
    quantity: 1,
    what: 'GPS receiver with its own USB serial adapter',
    why: 'position; it needs no pin of the Uno',
  },
]
