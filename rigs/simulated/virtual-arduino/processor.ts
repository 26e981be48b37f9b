import { avrInstruction, type CPU } from 'avr8js'
import { addToPair, pair, pushAddress, setPair, STACK_POINTER, subtractFromPair } from './register-pairs.js'
import { differenceFlags, logicFlags, shiftFlags, SREG, sumFlags } from './status-flags.js'

/** Registers and what listens to them lie below; above is memory, which nothing listens to. */
const SRAM_START = 0x100

const Z = 30

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
 * some fifty patterns each time. The cases are the numbers of `OPERATION`, written out: only then does the compiler make
 * a table of jumps of them.
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
    switch (operations[pc]) {
      case 1: // add
        data[x] = sumFlags(data, data[x] as number, data[y] as number, 0)
        break
      case 2: // adc
        data[x] = sumFlags(data, data[x] as number, data[y] as number, 1)
        break
      case 3: // sub
        data[x] = differenceFlags(data, data[x] as number, data[y] as number, 0)
        break
      case 4: // sbc
        data[x] = differenceFlags(data, data[x] as number, data[y] as number, 1)
        break
      case 5: // cp
        differenceFlags(data, data[x] as number, data[y] as number, 0)
        break
      case 6: // cpc
        differenceFlags(data, data[x] as number, data[y] as number, 1)
        break
      case 7: // and
        data[x] = logicFlags(data, (data[x] as number) & (data[y] as number))
        break
      case 8: // or
        data[x] = logicFlags(data, (data[x] as number) | (data[y] as number))
        break
      case 9: // eor
        data[x] = logicFlags(data, (data[x] as number) ^ (data[y] as number))
        break
      case 10: // cpi
        differenceFlags(data, data[x] as number, y, 0)
        break
      case 11: // subi
        data[x] = differenceFlags(data, data[x] as number, y, 0)
        break
      case 12: // sbci
        data[x] = differenceFlags(data, data[x] as number, y, 1)
        break
      case 13: // ori
        data[x] = logicFlags(data, (data[x] as number) | y)
        break
      case 14: // andi
        data[x] = logicFlags(data, (data[x] as number) & y)
        break
      case 15: // com
        data[x] = logicFlags(data, 255 - (data[x] as number))
        data[SREG] = (data[SREG] as number) | 1
        break
      case 16: // inc
        data[x] = logicFlags(data, ((data[x] as number) + 1) & 0xff, data[x] === 0x7f)
        break
      case 17: // dec
        data[x] = logicFlags(data, ((data[x] as number) - 1) & 0xff, data[x] === 0x80)
        break
      case 18: // swap
        data[x] = ((data[x] as number) << 4) | ((data[x] as number) >> 4)
        break
      case 19: // lsr
        data[x] = shiftFlags(data, data[x] as number, 0)
        break
      case 20: // ror
        data[x] = shiftFlags(data, data[x] as number, ((data[SREG] as number) & 1) << 7)
        break
      case 21: // asr
        data[x] = shiftFlags(data, data[x] as number, (data[x] as number) & 0x80)
        break
      case 22: // adiw
        addToPair(data, x, y)
        cycles++
        break
      case 23: // sbiw
        subtractFromPair(data, x, y)
        cycles++
        break
      case 24: // mov
        data[x] = data[y] as number
        break
      case 25: // movw
        data[x] = data[y] as number
        data[x + 1] = data[y + 1] as number
        break
      case 26: // ldi
        data[x] = y
        break
      case 27: // lds
        data[x] = data[y] as number
        pc++
        cycles++
        break
      case 28: // sts
        data[y] = data[x] as number
        pc++
        cycles++
        break
      case 29: {
        // load
        const from = pair(data, y & 0xff) + (y >> 8)
        if (from < SRAM_START) return leave(cpu, pc, cycles)
        data[x] = data[from] as number
        cycles++
        break
      }
      case 30: {
        // loadThenAdd
        const from = pair(data, y)
        if (from < SRAM_START) return leave(cpu, pc, cycles)
        data[x] = data[from] as number
        setPair(data, y, from + 1)
        cycles++
        break
      }
      case 31: {
        // loadAfterSubtract
        const from = (pair(data, y) - 1) & 0xffff
        if (from < SRAM_START) return leave(cpu, pc, cycles)
        setPair(data, y, from)
        data[x] = data[from] as number
        cycles++
        break
      }
      case 32: {
        // store
        const to = pair(data, y & 0xff) + (y >> 8)
        if (to < SRAM_START) return leave(cpu, pc, cycles)
        data[to] = data[x] as number
        cycles++
        break
      }
      case 33: {
        // storeThenAdd
        const to = pair(data, y)
        if (to < SRAM_START) return leave(cpu, pc, cycles)
        data[to] = data[x] as number
        setPair(data, y, to + 1)
        cycles++
        break
      }
      case 34: {
        // storeAfterSubtract
        const to = (pair(data, y) - 1) & 0xffff
        if (to < SRAM_START) return leave(cpu, pc, cycles)
        const value = data[x] as number
        setPair(data, y, to)
        data[to] = value
        cycles++
        break
      }
      case 35: // lpm
        data[x] = progBytes[pair(data, Z)] as number
        cycles += 2
        break
      case 36: {
        // lpmThenAdd
        const from = pair(data, Z)
        data[x] = progBytes[from] as number
        setPair(data, Z, from + 1)
        cycles += 2
        break
      }
      case 37: {
        // push
        const top = pair(data, STACK_POINTER)
        data[top] = data[x] as number
        setPair(data, STACK_POINTER, top - 1)
        cycles++
        break
      }
      case 38: {
        // pop
        const top = pair(data, STACK_POINTER) + 1
        setPair(data, STACK_POINTER, top)
        data[x] = data[top] as number
        cycles++
        break
      }
      case 39: // jump
        pc = x
        cycles += y
        break
      case 40: // call
        // A call of two words takes three cycles more than a step, one of one word two.
        pushAddress(data, pc + y - 1)
        pc = x
        cycles += y
        break
      case 41: {
        // ret
        const top = pair(data, STACK_POINTER) + 2
        setPair(data, STACK_POINTER, top)
        pc = ((data[top - 1] as number) << 8) + (data[top] as number) - 1
        cycles += 3
        break
      }
      case 42: // branchIfSet
        if (((data[SREG] as number) & y) !== 0) {
          pc = x
          cycles++
        }
        break
      case 43: // branchIfClear
        if (((data[SREG] as number) & y) === 0) {
          pc = x
          cycles++
        }
        break
      case 44: // skipIfClear
        if (((data[x] as number) & y) === 0) {
          cycles += skips[pc] as number
          pc += skips[pc] as number
        }
        break
      case 45: // skipIfSet
        if (((data[x] as number) & y) !== 0) {
          cycles += skips[pc] as number
          pc += skips[pc] as number
        }
        break
      case 46: // skipIfEqual
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
