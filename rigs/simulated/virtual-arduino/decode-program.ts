import type { CPU } from 'avr8js'
import { Operation, type DecodedProgram } from './processor.js'

/** Registers and what listens to them lie below. */
const SRAM_START = 0x100

const X = 26
const Y = 28
const Z = 30

/** Operation, and its operands x and y. */
type Decoded = readonly [operation: Operation, x?: number, y?: number]

/** Opcodes (AVR Instruction Set Manual, DS40002198) whose upper six bits tell what they are: registers d and r. */
const TWO_REGISTERS: Readonly<Record<number, Operation>> = {
  0x0c00: Operation.Add,
  0x1c00: Operation.Adc,
  0x1800: Operation.Sub,
  0x0800: Operation.Sbc,
  0x1400: Operation.Cp,
  0x0400: Operation.Cpc,
  0x2000: Operation.And,
  0x2800: Operation.Or,
  0x2400: Operation.Eor,
  0x2c00: Operation.Mov,
  0x1000: Operation.SkipIfEqual,
}

/** Upper four bits: a register from 16 on, and a constant. */
const CONSTANT: Readonly<Record<number, Operation>> = {
  0x3000: Operation.Cpi,
  0x5000: Operation.Subi,
  0x4000: Operation.Sbci,
  0x6000: Operation.Ori,
  0x7000: Operation.Andi,
  0xe000: Operation.Ldi,
}

/** All but the register's bits. */
const ONE_REGISTER: Readonly<Record<number, Operation>> = {
  0x9400: Operation.Com,
  0x9403: Operation.Inc,
  0x940a: Operation.Dec,
  0x9402: Operation.Swap,
  0x9406: Operation.Lsr,
  0x9407: Operation.Ror,
  0x9405: Operation.Asr,
  0x9004: Operation.Lpm,
  0x9005: Operation.LpmThenAdd,
  0x920f: Operation.Push,
  0x900f: Operation.Pop,
}

/** The same, with the pair of registers that points to memory. */
const POINTED: Readonly<Record<number, readonly [Operation, number]>> = {
  0x900c: [Operation.Load, X],
  0x900d: [Operation.LoadThenAdd, X],
  0x900e: [Operation.LoadAfterSubtract, X],
  0x9009: [Operation.LoadThenAdd, Y],
  0x900a: [Operation.LoadAfterSubtract, Y],
  0x9001: [Operation.LoadThenAdd, Z],
  0x9002: [Operation.LoadAfterSubtract, Z],
  0x920c: [Operation.Store, X],
  0x920d: [Operation.StoreThenAdd, X],
  0x920e: [Operation.StoreAfterSubtract, X],
  0x9209: [Operation.StoreThenAdd, Y],
  0x920a: [Operation.StoreAfterSubtract, Y],
  0x9201: [Operation.StoreThenAdd, Z],
  0x9202: [Operation.StoreAfterSubtract, Z],
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
    return [opcode & 0x200 ? Operation.Store : Operation.Load, d, pointer | (offset << 8)]
  }
  return decodeFlow(cpu, opcode, at) ?? decodeOther(cpu, opcode, at)
}

/** Where one goes, the operand is the word before: the processor adds one. */
function decodeFlow({ progMem }: CPU, opcode: number, at: number): Decoded | undefined {
  const far = ((progMem[at + 1] ?? 0) | ((opcode & 1) << 16) | ((opcode & 0x1f0) << 13)) - 1
  if ((opcode & 0xfe0e) === 0x940c) return [Operation.Jump, far, 2]
  if ((opcode & 0xfe0e) === 0x940e) return [Operation.Call, far, 3]
  const near = at + (opcode & 0x7ff) - (opcode & 0x800)
  if ((opcode & 0xf000) === 0xc000) return [Operation.Jump, near, 1]
  if ((opcode & 0xf000) === 0xd000) return [Operation.Call, near, 2]
  if (opcode === 0x9508) return [Operation.Ret]
  if ((opcode & 0xf800) === 0xf000) {
    const target = at + ((opcode & 0x1f8) >> 3) - (opcode & 0x200 ? 0x40 : 0)
    return [opcode & 0x400 ? Operation.BranchIfClear : Operation.BranchIfSet, target, 1 << (opcode & 7)]
  }
  if ((opcode & 0xfc08) === 0xfc00) {
    const operation = opcode & 0x200 ? Operation.SkipIfSet : Operation.SkipIfClear
    return [operation, (opcode & 0x1f0) >> 4, 1 << (opcode & 7)]
  }
  return undefined
}

function decodeOther({ progMem, readHooks }: CPU, opcode: number, at: number): Decoded {
  const d = (opcode & 0x1f0) >> 4
  const pairLow = 2 * ((opcode & 0x30) >> 4) + 24
  const pairConstant = (opcode & 0xf) | ((opcode & 0xc0) >> 2)
  if ((opcode & 0xff00) === 0x9600) return [Operation.Adiw, pairLow, pairConstant]
  if ((opcode & 0xff00) === 0x9700) return [Operation.Sbiw, pairLow, pairConstant]
  if ((opcode & 0xff00) === 0x0100) return [Operation.Movw, 2 * ((opcode & 0xf0) >> 4), 2 * (opcode & 0xf)]
  const address = progMem[at + 1] ?? 0
  if ((opcode & 0xfe0f) === 0x9000 && (address >= SRAM_START || !readHooks[address])) {
    return [Operation.Lds, d, address]
  }
  if ((opcode & 0xfe0f) === 0x9200 && address >= SRAM_START) return [Operation.Sts, d, address]
  const port = ((opcode & 0xf) | ((opcode & 0x600) >> 5)) + 32
  if ((opcode & 0xf800) === 0xb000 && !readHooks[port]) return [Operation.Mov, d, port] // IN
  const bitPort = ((opcode & 0xf8) >> 3) + 32
  if ((opcode & 0xfd00) === 0x9900 && !readHooks[bitPort]) {
    return [opcode & 0x200 ? Operation.SkipIfSet : Operation.SkipIfClear, bitPort, 1 << (opcode & 7)] // SBIC, SBIS
  }
  return [Operation.Other]
}

/** LDS, STS, CALL and JMP take two words. */
function isTwoWords(opcode: number): boolean {
  return (opcode & 0xfc0f) === 0x9000 || (opcode & 0xfe0c) === 0x940c
}
