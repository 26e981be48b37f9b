import { avrInstruction, type CPU } from 'avr8js'
import { addToPair, pair, pushAddress, setPair, STACK_POINTER, subtractFromPair } from './register-pairs.js'
import { differenceFlags, logicFlags, shiftFlags, SREG, sumFlags } from './status-flags.js'

/** Registers and what listens to them lie below; above is memory, which nothing listens to. */
const SRAM_START = 0x100

const Z = 30

/**
 * What an instruction does, once it is taken apart. In this file, and a const enum, because only then is the switch
 * below a table of jumps.
 */
export const enum Operation {
  /** Rare, or touches what peripherals listen to: left to avr8js. */
  Other,
  Add,
  Adc,
  Sub,
  Sbc,
  Cp,
  Cpc,
  And,
  Or,
  Eor,
  Cpi,
  Subi,
  Sbci,
  Ori,
  Andi,
  Com,
  Inc,
  Dec,
  Swap,
  Lsr,
  Ror,
  Asr,
  Adiw,
  Sbiw,
  Mov,
  Movw,
  Ldi,
  Lds,
  Sts,
  Load,
  LoadThenAdd,
  LoadAfterSubtract,
  Store,
  StoreThenAdd,
  StoreAfterSubtract,
  Lpm,
  LpmThenAdd,
  Push,
  Pop,
  Jump,
  Call,
  Ret,
  BranchIfSet,
  BranchIfClear,
  SkipIfClear,
  SkipIfSet,
  SkipIfEqual,
}

/** A program taken apart: for each word of flash its operation and two operands, as `decode-program.ts` sets them. */
export interface DecodedProgram {
  readonly operations: Uint8Array
  readonly x: Int32Array
  readonly y: Int32Array
  /** Words that a skip at this address passes over. */
  readonly skips: Uint8Array
}

/**
 * Executes until `until`, or until an instruction has been left to avr8js: only those have effects beyond registers and
 * memory, so that no event can become due, and no interrupt be let in, within. avr8js alone compares each opcode with
 * some fifty patterns each time.
 * @returns the opcode that was left to avr8js last, or undefined when `until` is reached
 */
export function execute(cpu: CPU, program: DecodedProgram, until: number): number | undefined {
  const { data, progMem, progBytes } = cpu
  const { operations, x: xs, y: ys, skips } = program
  const lastWord = progMem.length - 1
  let pc = cpu.pc
  let cycles = cpu.cycles
  while (cycles < until) {
    const x = xs[pc] as number
    const y = ys[pc] as number
    switch (operations[pc] as Operation) {
      case Operation.Add:
        data[x] = sumFlags(data, data[x] as number, data[y] as number, 0)
        break
      case Operation.Adc:
        data[x] = sumFlags(data, data[x] as number, data[y] as number, 1)
        break
      case Operation.Sub:
        data[x] = differenceFlags(data, data[x] as number, data[y] as number, 0)
        break
      case Operation.Sbc:
        data[x] = differenceFlags(data, data[x] as number, data[y] as number, 1)
        break
      case Operation.Cp:
        differenceFlags(data, data[x] as number, data[y] as number, 0)
        break
      case Operation.Cpc:
        differenceFlags(data, data[x] as number, data[y] as number, 1)
        break
      case Operation.And:
        data[x] = logicFlags(data, (data[x] as number) & (data[y] as number))
        break
      case Operation.Or:
        data[x] = logicFlags(data, (data[x] as number) | (data[y] as number))
        break
      case Operation.Eor:
        data[x] = logicFlags(data, (data[x] as number) ^ (data[y] as number))
        break
      case Operation.Cpi:
        differenceFlags(data, data[x] as number, y, 0)
        break
      case Operation.Subi:
        data[x] = differenceFlags(data, data[x] as number, y, 0)
        break
      case Operation.Sbci:
        data[x] = differenceFlags(data, data[x] as number, y, 1)
        break
      case Operation.Ori:
        data[x] = logicFlags(data, (data[x] as number) | y)
        break
      case Operation.Andi:
        data[x] = logicFlags(data, (data[x] as number) & y)
        break
      case Operation.Com:
        data[x] = logicFlags(data, 255 - (data[x] as number))
        data[SREG] = (data[SREG] as number) | 1
        break
      case Operation.Inc:
        data[x] = logicFlags(data, ((data[x] as number) + 1) & 0xff, data[x] === 0x7f)
        break
      case Operation.Dec:
        data[x] = logicFlags(data, ((data[x] as number) - 1) & 0xff, data[x] === 0x80)
        break
      case Operation.Swap:
        data[x] = ((data[x] as number) << 4) | ((data[x] as number) >> 4)
        break
      case Operation.Lsr:
        data[x] = shiftFlags(data, data[x] as number, 0)
        break
      case Operation.Ror:
        data[x] = shiftFlags(data, data[x] as number, ((data[SREG] as number) & 1) << 7)
        break
      case Operation.Asr:
        data[x] = shiftFlags(data, data[x] as number, (data[x] as number) & 0x80)
        break
      case Operation.Adiw:
        addToPair(data, x, y)
        cycles++
        break
      case Operation.Sbiw:
        subtractFromPair(data, x, y)
        cycles++
        break
      case Operation.Mov:
        data[x] = data[y] as number
        break
      case Operation.Movw:
        data[x] = data[y] as number
        data[x + 1] = data[y + 1] as number
        break
      case Operation.Ldi:
        data[x] = y
        break
      case Operation.Lds:
        data[x] = data[y] as number
        pc++
        cycles++
        break
      case Operation.Sts:
        data[y] = data[x] as number
        pc++
        cycles++
        break
      case Operation.Load: {
        const from = pair(data, y & 0xff) + (y >> 8)
        if (from < SRAM_START) return leave(cpu, pc, cycles)
        data[x] = data[from] as number
        cycles++
        break
      }
      case Operation.LoadThenAdd: {
        const from = pair(data, y)
        if (from < SRAM_START) return leave(cpu, pc, cycles)
        data[x] = data[from] as number
        setPair(data, y, from + 1)
        cycles++
        break
      }
      case Operation.LoadAfterSubtract: {
        const from = (pair(data, y) - 1) & 0xffff
        if (from < SRAM_START) return leave(cpu, pc, cycles)
        setPair(data, y, from)
        data[x] = data[from] as number
        cycles++
        break
      }
      case Operation.Store: {
        const to = pair(data, y & 0xff) + (y >> 8)
        if (to < SRAM_START) return leave(cpu, pc, cycles)
        data[to] = data[x] as number
        cycles++
        break
      }
      case Operation.StoreThenAdd: {
        const to = pair(data, y)
        if (to < SRAM_START) return leave(cpu, pc, cycles)
        data[to] = data[x] as number
        setPair(data, y, to + 1)
        cycles++
        break
      }
      case Operation.StoreAfterSubtract: {
        const to = (pair(data, y) - 1) & 0xffff
        if (to < SRAM_START) return leave(cpu, pc, cycles)
        const value = data[x] as number
        setPair(data, y, to)
        data[to] = value
        cycles++
        break
      }
      case Operation.Lpm:
        data[x] = progBytes[pair(data, Z)] as number
        cycles += 2
        break
      case Operation.LpmThenAdd: {
        const from = pair(data, Z)
        data[x] = progBytes[from] as number
        setPair(data, Z, from + 1)
        cycles += 2
        break
      }
      case Operation.Push: {
        const top = pair(data, STACK_POINTER)
        data[top] = data[x] as number
        setPair(data, STACK_POINTER, top - 1)
        cycles++
        break
      }
      case Operation.Pop: {
        const top = pair(data, STACK_POINTER) + 1
        setPair(data, STACK_POINTER, top)
        data[x] = data[top] as number
        cycles++
        break
      }
      case Operation.Jump:
        pc = x
        cycles += y
        break
      case Operation.Call:
        // A call of two words takes three cycles more than a step, one of one word two.
        pushAddress(data, pc + y - 1)
        pc = x
        cycles += y
        break
      case Operation.Ret: {
        const top = pair(data, STACK_POINTER) + 2
        setPair(data, STACK_POINTER, top)
        pc = ((data[top - 1] as number) << 8) + (data[top] as number) - 1
        cycles += 3
        break
      }
      case Operation.BranchIfSet:
        if (((data[SREG] as number) & y) !== 0) {
          pc = x
          cycles++
        }
        break
      case Operation.BranchIfClear:
        if (((data[SREG] as number) & y) === 0) {
          pc = x
          cycles++
        }
        break
      case Operation.SkipIfClear:
        if (((data[x] as number) & y) === 0) {
          cycles += skips[pc] as number
          pc += skips[pc] as number
        }
        break
      case Operation.SkipIfSet:
        if (((data[x] as number) & y) !== 0) {
          cycles += skips[pc] as number
          pc += skips[pc] as number
        }
        break
      case Operation.SkipIfEqual:
        if (data[x] === data[y]) {
          cycles += skips[pc] as number
          pc += skips[pc] as number
        }
        break
      default:
        return leave(cpu, pc, cycles)
    }
    pc = (pc + 1) & lastWord
    cycles++
  }
  cpu.pc = pc
  cpu.cycles = cycles
  return undefined
}

function leave(cpu: CPU, pc: number, cycles: number): number {
  cpu.pc = pc
  cpu.cycles = cycles
  avrInstruction(cpu)
  return cpu.progMem[pc] ?? 0
}
