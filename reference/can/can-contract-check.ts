import type { CanFrame } from '../ports/can-bus.js'
import { frameName } from './can-frame-check.js'
import { decodeMessage } from './dbc-codec.js'
import { frameKey, valueNameOf, type DbcDatabase, type DbcMessage } from './dbc-model.js'
import { fitsE2e, type E2eProtection } from './e2e-protection.js'
import { decodeIsoTpFrame } from './iso-tp-frame.js'

export type CanContractBreach =
  | 'unknown-id'
  | 'wrong-sender'
  | 'wrong-length'
  | 'remote-frame'
  | 'value-out-of-range'
  | 'not-iso-tp'
  | 'wrong-crc'

/** A frame that the contract does not allow, with the node that is at fault: the one that sent it. */
export interface CanContractViolation {
  readonly breach: CanContractBreach
  readonly sender: string
  readonly detail: string
}

function valueProblem(message: DbcMessage, data: Uint8Array): string | undefined {
  for (const [name, { raw, physical }] of decodeMessage(message, data)) {
    const signal = message.signals.find((candidate) => candidate.name === name)
    if (!signal) continue
    const { limits, valueNames, factor } = signal
    // Half a step of tolerance: physical values are rounded.
    const slack = Math.abs(factor) / 2
    if (limits && !(physical >= limits.min - slack && physical <= limits.max + slack)) {
      return `${name} is ${physical} ${signal.unit}, outside ${limits.min}…${limits.max}`
    }
    if (valueNames.size > 0 && valueNameOf(signal, raw) === undefined)
      return `${name} is ${raw}, which its value table lacks`
  }
  return undefined
}

/**
 * A check of the frames on a bus against its contract.
 * @param database messages, their lengths, senders and values
 * @param isoTpIds those messages of `database` whose frames are ISO-TP: 8 bytes, well-formed
 * @param protections of the messages whose CRC is to be right
 * @returns what a frame from the node `sender` does wrong, or undefined
 */
export function canContractCheck(
  database: DbcDatabase,
  isoTpIds: readonly number[],
  protections: readonly E2eProtection[] = [],
): (frame: CanFrame, sender: string) => CanContractViolation | undefined {
  return (frame, sender) => {
    const violation = (breach: CanContractBreach, detail: string) => ({ breach, sender, detail })
    const message = database.byFrame.get(frameKey(frame))
    if (!message) return violation('unknown-id', `${frameName(frame)} is no message of the contract`)
    const name = `${message.name} (${frameName(frame)})`
    if (message.sender !== sender) return violation('wrong-sender', `${name} belongs to ${message.sender}`)
    if (frame.remote) return violation('remote-frame', `${name} was asked for by a remote frame`)
    if (frame.data.length !== message.length) {
      return violation('wrong-length', `${name} has ${frame.data.length} bytes instead of ${message.length}`)
    }
    if (isoTpIds.includes(message.id)) {
      return decodeIsoTpFrame(frame.data) ? undefined : violation('not-iso-tp', `${name} is no ISO-TP frame`)
    }
    const problem = valueProblem(message, frame.data)
    if (problem !== undefined) return violation('value-out-of-range', `${name}: ${problem}`)
    const protection = protections.find((candidate) => candidate.message === message.name)
    return protection && !fitsE2e(protection, frame.data)
      ? violation('wrong-crc', `${name} does not carry its ${protection.profile.name} checksum`)
      : undefined
  }
}
