import { encodeMessage } from './dbc-codec.js'
import { type DbcMessage, type RawValue } from './dbc-model.js'
import { messagePlan, switchValue, type SignalPlan } from './dbc-plan.js'

/** GenSigStartValue, else raw 0. */
function initialRaw({ signal }: SignalPlan): RawValue {
  return signal.initialRaw ?? (signal.valueType !== 'float' && signal.bitLength > 53 ? 0n : 0)
}

function initialSignals(message: DbcMessage): readonly SignalPlan[] {
  return messagePlan(message).select((multiplexor) => switchValue(multiplexor, initialRaw(multiplexor)))
}

/**
 * Physical values of a message that has not been written to yet: GenSigStartValue × factor + offset, or raw 0 where
 * the file gives none. They may be outside their limits, as values that mean "not available" are. An integer that is
 * not scaled and is longer than 53 bits is a bigint.
 */
export function initialValues(message: DbcMessage): Record<string, number | bigint> {
  return Object.fromEntries(
    initialSignals(message).map((plan) => {
      const raw = initialRaw(plan)
      const exact = typeof raw === 'bigint' && plan.factor === 1 && plan.offset === 0
      return [plan.name, exact ? raw : Number(raw) * plan.factor + plan.offset]
    }),
  )
}

/** The data of a message that has not been written to yet. */
export function initialData(message: DbcMessage): Uint8Array {
  const raws = Object.fromEntries(initialSignals(message).map((plan) => [plan.name, initialRaw(plan)]))
  return encodeMessage(message, raws, { raw: true })
}
