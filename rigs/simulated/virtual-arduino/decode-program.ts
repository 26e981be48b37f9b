import type { CPU } from 'avr8js'
import { OPERATION, type Operation } from './operations.js'
import type { DecodedProgram } from './processor.js'

/** Registers and what listens to them lie below. */
const SRAM_START = 0x100

const X = 26
const Y = 28
const Z = 30

/** Operation, and its operands x and y. */
type Decoded = readonly [operation: Operation, x?: number, y?: number]

/** Opcodes (AVR Instruction Set Manual, DS40002198) whose upper six bits tell what they are: registers d and r. */
const TWO_REGISTERS: Readonly<Record<number, Operation>> = {
  0x0c00: OPERATION.add,
  0x1c00: OPERATION.adc,
  0x1800: OPERATION.sub,
  0x0800: OPERATION.sbc,
  0x1400: OPERATION.cp,
  0x0400: OPERATION.cpc,
  0x2000: OPERATION.and,
  0x2800: OPERATION.or,
  0x2400: OPERATION.eor,
  0x2c00: OPERATION.mov,
  0x1000: OPERATION.skipIfEqual,
}

/** Upper four bits: a register from 16 on, and a constant. */
const CONSTANT: Readonly<Record<number, Operation>> = {
  0x3000: OPERATION.cpi,
  0x5000: OPERATION.subi,
  0x4000: OPERATION.sbci,
  0x6000: OPERATION.ori,
  0x7000: OPERATION.andi,
  0xe000: OPERATION.ldi,
}

/** All but the register's bits. */
const ONE_REGISTER: Readonly<Record<number, Operation>> = {
  0x9400: OPERATION.com,
  0x9403: OPERATION.inc,
  0x940a: OPERATION.dec,
  0x9402: OPERATION.swap,
  0x9406: OPERATION.lsr,
  0x9407: OPERATION.ror,
  0x9405: OPERATION.asr,
  0x9004: OPERATION.lpm,
  0x9005: OPERATION.lpmThenAdd,
  0x920f: OPERATION.push,
  0x900f: OPERATION.pop,
}

/** The same, with the pair of registers that points to memory. */
const POINTED: Readonly<Record<number, readonly [Operation, number]>> = {
  0x900c: [OPERATION.load, X],
  0x900d: [OPERATION.loadThenAdd, X],
  0x900e: [OPERATION.loadAfterSubtract, X],
  0x9009: [OPERATION.loadThenAdd, Y],
  0x900a: [OPERATION.loadAfterSubtract, Y],
  0x9001: [OPERATION.loadThenAdd, Z],
  0x9002: [OPERATION.loadAfterSubtract, Z],
  0x920c: [OPERATION.store, X],
  0x920d: [OPERATION.storeThenAdd, X],
  0x920e: [OPERATION.storeAfterSubtract, X],
  0x9209: [OPERATION.storeThenAdd, Y],
  0x920a: [OPERATION.storeAfterSubtract, Y],
  0x9201: [OPERATION.storeThenAdd, Z],
  0x9202: [OPERATION.storeAfterSubtract, Z],
}

/**
 * Takes a chip's program apart, once; its peripherals must be attached by now, for their hooks are asked about.
 * @param from first word, and `to` the word behind the last: others are left to avr8js
 */
export function decodeProgram(cpu: CPU, from = 0, to = cpu.progMem.length): DecodedProgram {
  const words = cpu.progMem.length
  const program = {
    operations: new Uint8Array(words),
    x: new Int32Array(words),
    y: new Int32Array(words),
    skips: new Uint8Array(words),
  }
  for (let at = from; at < to; at++) {
    const [operation, x = 0, y = 0] = decodeInstruction(cpu, at)
    program.operations[at] = operation
    program.x[at] = x
    program.y[at] = y
    program.skips[at] = isTwoWords(cpu.progMem[at + 1] ?? 0) ? 2 : 1
  }
  return program
}

function decodeInstruction(cpu: CPU, at: number): Decoded {
  const opcode = cpu.progMem[at] ?? 0
  const d = (opcode & 0x1f0) >> 4
  const two = TWO_REGISTERS[opcode & 0xfc00]
  if (two !== undefined) return [two, d, (opcode & 0xf) | ((opcode & 0x200) >> 5)]
  const constant = CONSTANT[opcode & 0xf000]
  if (constant !== undefined) {
    return [constant, ((opcode & 0xf0) >> 4) + 16, (opcode & 0xf) | ((opcode & 0xf00) >> 4)]
  }
  const one = ONE_REGISTER[opcode & 0xfe0f]
  if (one !== undefined) return [one, d]
  const pointed = POINTED[opcode & 0xfe0f]
  if (pointed) return [pointed[0], d, pointed[1]]
  if ((opcode & 0xd000) === 0x8000) {
    const offset = (opcode & 7) | ((opcode & 0xc00) >> 7) | ((opcode & 0x2000) >> 8)
    const pointer = opcode & 8 ? Y : Z
    return [opcode & 0x200 ? OPERATION.store : OPERATION.load, d, pointer | (offset << 8)]
  }
  return decodeFlow(cpu, opcode, at) ?? decodeOther(cpu, opcode, at)
}

/** Where one goes, the operand is the word before: the processor adds one. */
function decodeFlow({ progMem }: CPU, opcode: number, at: number): Decoded | undefined {
  const far = ((progMem[at + 1] ?? 0) | ((opcode & 1) << 16) | ((opcode & 0x1f0) << 13)) - 1
  if ((opcode & 0xfe0e) === 0x940c) return [OPERATION.jump, far, 2]
  if ((opcode & 0xfe0e) === 0x940e) return [OPERATION.call, far, 3]
  const near = at + (opcode & 0x7ff) - (opcode & 0x800)
  if ((opcode & 0xf000) === 0xc000) return [OPERATION.jump, near, 1]
  if ((opcode & 0xf000) === 0xd000) return [OPERATION.call, near, 2]
  if (opcode === 0x9508) return [OPERATION.ret]
  if ((opcode & 0xf800) === 0xf000) {
    const target = at + ((opcode & 0x1f8) >> 3) - (opcode & 0x200 ? 0x40 : 0)
    return [opcode & 0x400 ? OPERATION.branchIfClear : OPERATION.branchIfSet, target, 1 << (opcode & 7)]
  }
  if ((opcode & 0xfc08) === 0xfc00) {
    const operation = opcode & 0x200 ? OPERATION.skipIfSet : OPERATION.skipIfClear
    return [operation, (opcode & 0x1f0) >> 4, 1 << (opcode & 7)]
  }
  return undefined
}

function decodeOther({ progMem, readHooks }: CPU, opcode: number, at: number): Decoded {
  const d = (opcode & 0x1f0) >> 4
  const pairLow = 2 * ((opcode & 0x30) >> 4) + 24
  const pairConstant = (opcode & 0xf) | ((opcode & 0xc0) >> 2)
  if ((opcode & 0xff00) === 0x9600) return [OPERATION.adiw, pairLow, pairConstant]
  if ((opcode & 0xff00) === 0x9700) return [OPERATION.sbiw, pairLow, pairConstant]
  if ((opcode & 0xff00) === 0x0100) return [OPERATION.movw, 2 * ((opcode & 0xf0) >> 4), 2 * (opcode & 0xf)]
  const address = progMem[at + 1] ?? 0
  if ((opcode & 0xfe0f) === 0x9000 && (address >= SRAM_START || !readHooks[address])) {
    return [OPERATION.lds, d, address]
  }
  if ((opcode & 0xfe0f) === 0x9200 && address >= SRAM_START) return [OPERATION.sts, d, address]
  const port = ((opcode & 0xf) | ((opcode & 0x600) >> 5)) + 32
  if ((opcode & 0xf800) === 0xb000 && !readHooks[port]) return [OPERATION.mov, d, port] // IN
  const bitPort = ((opcode & 0xf8) >> 3) + 32
  if ((opcode & 0xfd00) === 0x9900 && !readHooks[bitPort]) {
    return [opcode & 0x200 ? OPERATION.skipIfSet : OPERATION.skipIfClear, bitPort, 1 << (opcode & 7)] // SBIC, SBIS
  }
  return [OPERATION.other]
}

/** LDS, STS, CALL and JMP take two words. */
function isTwoWords(opcode: number): boolean {
  return (opcode & 0xfc0f) === 0x9000 || (opcode & 0xfe0c) === 0x940c
}
