import { WATCHDOG, watchdogMs, wiredPins, type WiredPin } from './parts.js'
import { box, document, net, text, wire } from './svg.js'

const WIDTH = 1240
const HEIGHT = 890

const CHAIN_Y = 130
const ROW_HEIGHT = 86
const ROWS_TOP = 268

const UNO = { left: 520, right: 720, top: 236 }
const BLOCK = { width: 310, height: 70, leftX: 90, rightX: 860 }

/** Stations of the actuator's supply, from the battery to the servo. */
const CHAIN: readonly {
  readonly x: number
  readonly width: number
  readonly lines: readonly [string, string]
}[] = [
  { x: 30, width: 130, lines: ['Battery', '2S Li-ion 7.4 V'] },
  { x: 250, width: 80, lines: ['F2', '5 A slow'] },
  { x: 370, width: 120, lines: ['E-stop', 'normally closed'] },
  { x: 530, width: 120, lines: ['K2 contact', 'normally open'] },
  { x: 690, width: 120, lines: ['K1 contact', 'normally open'] },
  { x: 930, width: 90, lines: ['RS', '50 mΩ'] },
  { x: 1080, width: 130, lines: ['Servo MG996R', '1000 µF at it'] },
]

/** The lock's wiring, drawn from the pin map: everything with the name of a net is connected. */
export function wiringDiagram(pins: readonly WiredPin[] = wiredPins()): string {
  const inputs = pins.filter(({ direction }) => direction === 'in')
  const outputs = pins.filter(({ direction }) => direction === 'out')
  const rows = Math.max(inputs.length, outputs.length + 2)
  const bottom = ROWS_TOP + rows * ROW_HEIGHT
  return document(WIDTH, HEIGHT, [
    text(30, 40, 'Lock of one bay: wiring', { size: 22, bold: true }),
    text(30, 64, 'drawn from rigs/pin-map.ts; nets of the same name are connected; all GND are one', {
      size: 13,
    }),
    ...supplyChain(),
    box(UNO.left, UNO.top, UNO.right - UNO.left, bottom - UNO.top, '#dcebf5'),
    text((UNO.left + UNO.right) / 2, UNO.top + 20, 'Arduino Uno R3', {
      anchor: 'middle',
      size: 16,
      bold: true,
    }),
    text((UNO.left + UNO.right) / 2, bottom - 8, 'ATmega328P, 16 MHz', { anchor: 'middle' }),
    ...inputs.flatMap((pin, row) => inputRow(pin, row)),
    ...outputs.flatMap((pin, row) => outputRow(pin, row)),
    ...watchdogRow(outputs.length),
    ...boardSupplyRow(outputs.length + 1),
  ])
}

function supplyChain(): string[] {
  const top = CHAIN_Y - 26
  const servo = CHAIN.at(-1)
  return [
    wire(
      [
        [160, CHAIN_Y],
        [1080, CHAIN_Y],
      ],
      true,
    ),
    ...CHAIN.flatMap(({ x, width, lines: [name, what] }) => [
      box(x, top, width, 52),
      text(x + width / 2, CHAIN_Y - 4, name, { anchor: 'middle', bold: true }),
      text(x + width / 2, CHAIN_Y + 15, what, { anchor: 'middle', size: 12 }),
    ]),
    net(205, CHAIN_Y, 'VBAT'),
    net(870, CHAIN_Y, 'VACT'),
    text(870, CHAIN_Y - 40, 'supplied only while E-stop, K2 and K1 are closed', {
      anchor: 'middle',
      size: 12,
    }),
    ...(servo
      ? [text(servo.x + servo.width / 2, CHAIN_Y + 46, 'minus to GND', { anchor: 'middle', size: 12 })]
      : []),
    text(95, CHAIN_Y + 46, 'minus to GND', { anchor: 'middle', size: 12 }),
  ]
}

const rowY = (row: number) => ROWS_TOP + row * ROW_HEIGHT

function block(x: number, y: number, title: string, lines: readonly string[]): string[] {
  return [
    box(x, y, BLOCK.width, BLOCK.height),
    text(x + 12, y + 19, title, { bold: true }),
    ...lines.map((line, i) => text(x + 12, y + 35 + i * 14, line, { size: 12 })),
  ]
}

function inputRow({ pin, role, signal, parts, net: name }: WiredPin, row: number): string[] {
  const y = rowY(row)
  const middle = y + BLOCK.height / 2
  const end = BLOCK.leftX + BLOCK.width
  return [
    ...block(BLOCK.leftX, y, role, parts),
    ...(name
      ? [
          wire(
            [
              [BLOCK.leftX - 36, middle],
              [BLOCK.leftX, middle],
            ],
            true,
          ),
          net(BLOCK.leftX - 44, middle, name),
        ]
      : []),
    wire([
      [end, middle],
      [UNO.left, middle],
    ]),
    text(UNO.left + 10, middle + 5, pin, { bold: true, size: 15 }),
    text((end + UNO.left) / 2, middle - 7, signalWords(signal), { anchor: 'middle', size: 12 }),
  ]
}

function outputRow({ pin, role, signal, parts, net: name }: WiredPin, row: number): string[] {
  const y = rowY(row)
  const middle = y + BLOCK.height / 2
  return [
    ...block(BLOCK.rightX, y, role, parts),
    wire([
      [UNO.right, middle],
      [BLOCK.rightX, middle],
    ]),
    text(UNO.right - 10, middle + 5, pin, { bold: true, size: 15, anchor: 'end' }),
    text((UNO.right + BLOCK.rightX) / 2, middle - 7, signalWords(signal), { anchor: 'middle', size: 12 }),
    ...(name
      ? [text(BLOCK.rightX + BLOCK.width - 12, y + 19, `coil of ${name}`, { anchor: 'end', size: 12 })]
      : []),
  ]
}

/** Needs no firmware: it listens to the host's own bytes at the Uno's receive pin. */
function watchdogRow(row: number): string[] {
  const y = rowY(row)
  const middle = y + BLOCK.height / 2
  return [
    ...block(BLOCK.rightX, y, 'host watchdog K2', [
      `74HC4538, falling edge, ${WATCHDOG.kiloohms} kΩ · ${WATCHDOG.microfarads} µF: ${watchdogMs} ms`,
      'its output: 220 Ω to Q2, 10 kΩ pull-down',
      'Q2: coil K2 (5 V), D2 1N4007 over it',
    ]),
    wire([
      [UNO.right, middle],
      [BLOCK.rightX, middle],
    ]),
    text(UNO.right - 10, middle + 5, 'D0 (RX)', { bold: true, size: 15, anchor: 'end' }),
    text((UNO.right + BLOCK.rightX) / 2, middle - 7, "host's bytes", { anchor: 'middle', size: 12 }),
    text(BLOCK.rightX + BLOCK.width - 12, y + 19, 'coil of K2', { anchor: 'end', size: 12 }),
  ]
}

function boardSupplyRow(row: number): string[] {
  const y = rowY(row)
  const middle = y + BLOCK.height / 2
  return [
    ...block(BLOCK.rightX, y, "board's own supply", [
      'F1 1 A, then VIN (7–12 V); below 7 V from USB',
      '5 V: coils, pull-ups, 74HC4538, INA180',
      'GND: one star point at the battery',
    ]),
    wire(
      [
        [BLOCK.rightX + BLOCK.width, middle],
        [BLOCK.rightX + BLOCK.width + 20, middle],
      ],
      true,
    ),
    net(BLOCK.rightX + BLOCK.width + 40, middle, 'VBAT'),
    wire(
      [
        [UNO.right, middle],
        [BLOCK.rightX, middle],
      ],
      true,
    ),
    text(UNO.right - 10, middle + 5, 'VIN', { bold: true, size: 15, anchor: 'end' }),
  ]
}

function signalWords(signal: string): string {
  if (signal === 'high' || signal === 'low') return `yes is ${signal}`
  return signal
}
