import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CanFrameNotCarried, type CanFrame } from '../ports/can-bus.js'
import { decodeSlcanAnswer } from './slcan-answer.js'
import { SLCAN_BITRATES, sja1000Bitrate } from './slcan-bitrates.js'
import { decodeSlcanCommand } from './slcan-command.js'
import { decodeSlcanFrame, encodeSlcanFrame } from './slcan-frame.js'
import { InvalidSlcanLine, type SlcanProblem } from './slcan-line.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const frame = (id: number, data: readonly number[], rest: Partial<CanFrame> = {}): CanFrame => ({
  id,
  extended: false,
  data: Uint8Array.from(data),
  ...rest,
})
const count = (length: number) => Array.from({ length }, (_, i) => i)
const refused = (problem: SlcanProblem) => (error: unknown) =>
  error instanceof InvalidSlcanLine && error.problem === problem

/** The examples of the kernel's drivers/net/can/slcan, of LAWICEL's manual, and the edges. */
const LINES: readonly [line: string, frame: CanFrame][] = [
  ['t1230', frame(0x123, [])],
  ['t4563112233', frame(0x456, [0x11, 0x22, 0x33])],
  ['T12ABCDEF2AA55', frame(0x12abcdef, [0xaa, 0x55], { extended: true })],
  ['r1230', frame(0x123, [], { remote: true, remoteLength: 0 })],
  ['R1FFFFFFF8', frame(0x1fffffff, [], { extended: true, remote: true, remoteLength: 8 })],
  ['t7FF80001020304050607', frame(0x7ff, count(8))],
  ['T000000000', frame(0, [], { extended: true })],
  ['d1001FF', frame(0x100, [0xff], { fd: true })],
  [`b1009${'AB'.repeat(12)}`, frame(0x100, Array(12).fill(0xab), { fd: true, bitrateSwitch: true })],
  [`D1FFFFFFFE${'00'.repeat(48)}`, frame(0x1fffffff, Array(48).fill(0), { fd: true, extended: true })],
  [
    `B00000001F${'5A'.repeat(64)}`,
    frame(1, Array(64).fill(0x5a), { fd: true, extended: true, bitrateSwitch: true }),
  ],
]

describe('SLCAN frames', () => {
  test('every kind of frame has its line, and comes back from it', () => {
    for (const [line, sent] of LINES) {
      assert.equal(encodeSlcanFrame(sent), line)
      assert.deepEqual(decodeSlcanFrame(bytes(line)).frame, sent)
      assert.equal(decodeSlcanFrame(bytes(line)).stampMs, undefined)
      assert.equal(encodeSlcanFrame(sent, 59_999), `${line}EA5F`)
      assert.deepEqual(decodeSlcanFrame(bytes(`${line}EA5F`)), { frame: sent, stampMs: 59_999 })
    }
  })

  test('small hexadecimal digits are read as well', () => {
    assert.deepEqual(decodeSlcanFrame(bytes('t7ff1ab')).frame, frame(0x7ff, [0xab]))
  })

  test('a line that a fault has changed is refused, and says by what', () => {
    for (const [line, problem] of [
      ['t12', 'bad-length'],
      ['t123', 'bad-length'],
      ['t1232AA', 'bad-length'],
      ['t1231AABB', 'bad-length'],
      ['t1231AAB', 'bad-length'],
      ['t12G0', 'bad-digit'],
      ['t1231A\x01', 'bad-digit'],
      ['t8000', 'bad-id'],
      ['T200000000', 'bad-id'],
      ['t1239', 'bad-dlc'],
      ['r1239', 'bad-dlc'],
      ['t1230EA60', 'bad-timestamp'],
      ['r1231AA', 'bad-length'],
      ['x1230', 'unknown-kind'],
    ] as const) {
      assert.throws(() => decodeSlcanFrame(bytes(line)), refused(problem), line)
    }
  })

  test('what the lines have no place for is refused by name', () => {
    assert.throws(() => encodeSlcanFrame(frame(1, count(8), { rawDlc: 9 })), CanFrameNotCarried)
    assert.throws(
      () => encodeSlcanFrame(frame(1, [], { fd: true, errorStateIndicator: true })),
      CanFrameNotCarried,
    )
  })
})

describe('SLCAN commands', () => {
  test('each command of LAWICEL is known', () => {
    const known = (line: string) => decodeSlcanCommand(bytes(line))
    SLCAN_BITRATES.forEach((bitrate, code) =>
      assert.deepEqual(known(`S${code}`), { kind: 'bitrate', bitrate }),
    )
    assert.deepEqual(known('s031C'), { kind: 'bitrate', bitrate: 125_000 })
    assert.deepEqual(known('O'), { kind: 'open', listenOnly: false })
    assert.deepEqual(known('L'), { kind: 'open', listenOnly: true })
    assert.deepEqual(known('C'), { kind: 'close' })
    assert.deepEqual(known('Z0'), { kind: 'timestamps', on: false })
    assert.deepEqual(known('Z1'), { kind: 'timestamps', on: true })
    assert.deepEqual(known('Y2'), { kind: 'data-bitrate', bitrate: 2_000_000 })
    assert.deepEqual(['F', 'V', 'N', ''].map(known), [
      { kind: 'status' },
      { kind: 'version' },
      { kind: 'serial-number' },
      { kind: 'nothing' },
    ])
    assert.deepEqual(known('t1001FF'), { kind: 'frame', frame: frame(0x100, [0xff]) })
  })

  test('what is no command is refused, and says why', () => {
    for (const [line, problem] of [
      ['S9', 'bad-value'],
      ['SG', 'bad-digit'],
      ['S', 'bad-length'],
      ['S66', 'bad-length'],
      ['OO', 'bad-length'],
      ['s12', 'bad-length'],
      ['Y3', 'bad-value'],
      ['Z2', 'bad-value'],
      ['t1230EA5F', 'bad-length'],
      ['constructor', 'unknown-kind'],
      ['\x00', 'unknown-kind'],
    ] as const) {
      assert.throws(() => decodeSlcanCommand(bytes(line)), refused(problem), line)
    }
  })

  test("the SJA1000's registers give the bit rates of its data sheet's tables", () => {
    // SocketCAN's table of BTR0BTR1 at 8 MHz: 1M 0014, 800k 0016, 500k 001C, 250k 011C, 125k 031C, 100k 432F, 50k 472F.
    for (const [btr0, btr1, bitrate] of [
      [0x00, 0x14, 1_000_000],
      [0x00, 0x16, 800_000],
      [0x00, 0x1c, 500_000],
      [0x01, 0x1c, 250_000],
      [0x43, 0x2f, 100_000],
      [0x47, 0x2f, 50_000],
    ] as const) {
      assert.equal(sja1000Bitrate(btr0, btr1), bitrate)
    }
  })
})

describe('SLCAN answers', () => {
  test('each answer of LAWICEL is known', () => {
    const known = (line: string) => decodeSlcanAnswer(bytes(line))
    assert.deepEqual(known(''), { kind: 'done' })
    assert.deepEqual(known('z'), { kind: 'taken', extended: false })
    assert.deepEqual(known('Z'), { kind: 'taken', extended: true })
    assert.deepEqual(known('FA9'), { kind: 'status', flags: 0xa9 })
    assert.deepEqual(known('V1013'), { kind: 'version', text: '1013' })
    assert.deepEqual(known('NA123'), { kind: 'serial-number', text: 'A123' })
    assert.deepEqual(known('r10020001'), {
      kind: 'frame',
      frame: frame(0x100, [], { remote: true, remoteLength: 2 }),
      stampMs: 1,
    })
  })

  test('what is no answer is refused, and says why', () => {
    for (const [line, problem] of [
      ['zz', 'bad-length'],
      ['F1', 'bad-length'],
      ['F0G', 'bad-digit'],
      ['O', 'unknown-kind'],
      ['112233', 'unknown-kind'],
    ] as const) {
      assert.throws(() => decodeSlcanAnswer(bytes(line)), refused(problem), line)
    }
  })
})
