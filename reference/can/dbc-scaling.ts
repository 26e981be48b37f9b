import type { SignalPlan } from './dbc-plan.js'
import { fitsSignal } from './dbc-raw.js'
import type { RawValue } from './dbc-model.js'
import { UsageFault } from '../ports/faults.js'

/** What a signal is to be set to: physical, a name of its value table, or a bigint where neither scales nor rounds. */
export type SignalInput = number | bigint | string

/** Thrown for values that a message cannot carry; nothing was encoded. */
export class SignalNotEncodable extends UsageFault {
  override readonly name = 'SignalNotEncodable'
  constructor(
    problem: string,
    readonly signal: string,
  ) {
    super(problem)
  }
}

/** Halves go to the even neighbour, as cantools rounds them. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

function refuse(message: string, { name }: SignalPlan, problem: string): never {
  throw new SignalNotEncodable(`${message}.${name}: ${problem}`, name)
}

function rawOfName(message: string, plan: SignalPlan, input: string): RawValue {
  const found = [...plan.signal.valueNames].filter(([, name]) => name === input).map(([raw]) => raw)
  const [raw, ...others] = found
  if (raw === undefined) return refuse(message, plan, `"${input}" is not in its value table`)
  if (others.length > 0) {
    return refuse(message, plan, `"${input}" names the raw values ${found.join(' and ')}; give one of them`)
  }
  return raw
}

function requireLimits(message: string, plan: SignalPlan, input: number | bigint): void {
  const { limits, unit, factor } = plan.signal
  if (!limits) return
  // Limits are multiples of the factor that a decimal fraction may not hit: a millionth of a step is no overrun.
  const slack = typeof input === 'bigint' ? 0 : Math.abs(factor) * 1e-6
  if (!(input >= limits.min - slack && input <= limits.max + slack)) {
    refuse(message, plan, `${input} is outside ${limits.min}…${limits.max} ${unit}`)
  }
}

function requireBits(message: string, plan: SignalPlan, raw: RawValue): RawValue {
  const { bitLength } = plan.signal
  if (!fitsSignal(plan.signal, raw)) refuse(message, plan, `raw value ${raw} does not fit ${bitLength} bits`)
  return bitLength > 53 ? BigInt(raw) : Number(raw)
}

function floatRaw(message: string, plan: SignalPlan, scaled: number): number {
  if (plan.signal.bitLength === 32 && Number.isFinite(scaled) && !Number.isFinite(Math.fround(scaled))) {
    refuse(message, plan, `${scaled} is beyond a float of 32 bits`)
  }
  return scaled
}

/**
 * @param message its name, for errors
 * @throws SignalNotEncodable
 */
export function rawOfInput(
  message: string,
  plan: SignalPlan,
  input: SignalInput,
  limited: boolean,
): RawValue {
  const { signal, factor, offset } = plan
  const isFloat = signal.valueType === 'float'
  if (typeof input === 'string') {
    const raw = rawOfName(message, plan, input)
    return isFloat ? Number(raw) : requireBits(message, plan, raw)
  }
  if (typeof input === 'bigint') {
    if (factor !== 1 || offset !== 0)
      refuse(message, plan, 'a bigint would lose its precision in the scaling')
    if (limited) requireLimits(message, plan, input)
    return isFloat ? floatRaw(message, plan, Number(input)) : requireBits(message, plan, input)
  }
  if (Number.isNaN(input) && (!isFloat || signal.limits)) refuse(message, plan, 'the value is not a number')
  if (limited) requireLimits(message, plan, input)
  if (factor === 0) refuse(message, plan, 'its factor is 0, so that every raw value means the same')
  const scaled = (input - offset) / factor
  if (isFloat) return floatRaw(message, plan, scaled)
  if (!Number.isFinite(scaled)) refuse(message, plan, `${input} is not finite`)
  return requireBits(message, plan, roundHalfToEven(scaled))
}

/** A raw value as it is to be written. @throws SignalNotEncodable */
export function requireRaw(message: string, plan: SignalPlan, input: SignalInput): RawValue {
  if (typeof input === 'string') return rawOfInput(message, plan, input, false)
  if (plan.signal.valueType === 'float') return floatRaw(message, plan, Number(input))
  if (typeof input === 'number' && !Number.isInteger(input)) {
    refuse(message, plan, `raw value ${input} is not a whole number`)
  }
  return requireBits(message, plan, input)
}
