import { lockPinMap } from '../pin-map.js'
import { BILL_OF_MATERIALS, watchdogMs, wiredPins } from './parts.js'

/** Folder and names below the repository's root. */
export const WIRING_PAGE = 'docs/lock-wiring.md'
export const WIRING_PICTURE = 'docs/pictures/lock-wiring.svg'

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** The page for whoever solders the lock; Markdown, before prettier has aligned its tables. */
export function wiringPage(): string {
  const { degrees, pulseUs } = lockPinMap.servo
  return `# Wiring the lock

<!-- Written by \`npm run wiring\` from rigs/pin-map.ts and rigs/wiring/parts.ts: change those, not this page. -->

![Wiring of a lock](pictures/lock-wiring.svg)

## Pins

${table(
  ['Pin', 'What', 'Signal', 'Between pin and lock'],
  wiredPins().map(({ pin, role, signal, parts, net }) => [
    pin,
    role,
    /^(high|low)$/.test(signal) ? `yes is ${signal}` : signal,
    [...parts, ...(net ? [`on ${net}`] : [])].join('; '),
  ]),
)}

The servo stands at ${degrees.down}° when the bolt is down and at ${degrees.up}° when it is up; ${pulseUs.at0} µs are 0°, ${pulseUs.at180} µs are 180°.
Outputs are on port B (D8–D13), inputs on port D (D2–D7): one Firmata message writes a whole port. D0 and D1 are the
line to the host, and nothing may drive them; the watchdog only listens at D0. D7 and D10–D13 are free.

## Parts

${table(
  ['Number', 'Part', 'What for'],
  BILL_OF_MATERIALS.map(({ quantity, what, why }) => [String(quantity), what, why]),
)}

## Supply that fails safe

Four things stand in a row between the battery and the servo, and each alone takes its power away:

1. **Fuse F2**, of the actuator alone. The board has F1: a blown actuator fuse leaves a board that can say so.
2. **Emergency stop**, latching, normally closed, for a hand. No software is asked.
3. **K2, the host watchdog**: a retriggerable monostable on the host's own bytes at D0. The driver speaks at least four
   times a second; when the host falls silent, K2 opens after ${watchdogMs} ms, whatever the firmware does. StandardFirmata
   has no watchdog of its own, so with it this part is not optional. A supervisor that has made the bench safe falls
   silent, too.
4. **K1, the board's relay**: active high, normally open, with a pull-down at its gate. A board without power, in reset or
   in its bootloader leaves its pins open: the pull-down keeps K1 open. Never use an active-low relay module: it closes
   while StandardFirmata boots, which drives D2–D13 low.

The divider at D5 senses the supply *behind* both contacts, and the shunt what flows: these two, not the pin's state, are
the proof that \`lockstep safe\` reads back. Contacts go to ground only, with 1 kΩ in series: a pin that a firmware drives
by mistake shorts nothing. Vehicle sensor and tamper contact are normally closed, so a cut wire reads as a vehicle and as
an open housing.

## Before the first travel

1. Without F2: measure 5 V and GND, look for the board's port (\`ls -l /dev/serial/by-id\`), and
   [flash it and verify](firmware.md).
2. Write a profile ([example](../rigs/profiles/lab.example.yaml)) with what \`udevadm info -q property -n /dev/ttyACM0\`
   says of the port: \`ID_SERIAL\`, or \`ID_VENDOR_ID\`, \`ID_MODEL_ID\` and \`ID_SERIAL_SHORT\`; for clones without a serial
   number \`ID_PATH\`, which is the USB socket.
3. \`npx lockstep lock watch --rig my-rig.yaml\`: press each switch by hand, and see it follow.
4. Press the emergency stop, put F2 in, bolt free of its strike, hands away; release the stop. Nothing may move.
5. \`npx lockstep doctor --rig my-rig.yaml\`: it asks before the bolt moves. During a travel press the emergency stop once,
   and once pull the USB plug: the bolt stops both times.
6. \`npx lockstep safe --rig my-rig.yaml\` must end with 0. Exit code 4 means: treat the bench as energised.
`
}
