import type { DbcMessage } from './dbc-model.js'
import { requireStateMachineConfig, type E2eStateMachineConfig } from './e2e-state-machine.js'
import {
  fitsP01,
  mapP01Status,
  P01Checker,
  P01Protector,
  requireP01Config,
  type P01Config,
  type P01DataIdMode,
} from './e2e-p01.js'
import {
  fitsP05,
  mapP05Status,
  P05Checker,
  P05Protector,
  requireP05Config,
  type P05Config,
} from './e2e-p05.js'
import { E2eMisconfigured, type E2eCheckStatus } from './e2e-status.js'

/** How a message of a DBC file is protected, as its attributes say. */
export interface E2eProtection {
  /** The message's name. */
  readonly message: string
  readonly profile:
    | { readonly name: 'P01'; readonly config: P01Config }
    | { readonly name: 'P05'; readonly config: P05Config }
  /** The largest step of the counter that is tolerated. */
  readonly maxDeltaCounter: number
  /** More repetitions in a row, and the counter is stuck. */
  readonly maxNoNewOrRepeatedData: number
  readonly syncCounterInit: number
  readonly stateMachine: E2eStateMachineConfig
  /** Cycles without a frame that passes its check, after which the data are invalid. */
  readonly timeoutCycles: number
}

export interface E2eCheck {
  readonly status: E2eCheckStatus
  /** Of the profile's own words those that `status` does not tell. */
  readonly detail?: 'initial' | 'sync'
  /** Frames that were found missing before this one. */
  readonly lost: number
}

const PROFILES = ['None', 'P01', 'P05'] as const
const DATA_ID_MODES = ['Both', 'Alt', 'Low', 'Nibble'] as const
/** Names that the signals of a protected message have in the contract. */
const CRC_SIGNAL = 'E2eCrc'
const COUNTER_SIGNAL = 'AliveCounter'

function refuse(message: DbcMessage, problem: string): never {
  throw new E2eMisconfigured(`DBC message ${message.name}: ${problem}`)
}

function numberOf(message: DbcMessage, attribute: string): number {
  const value = message.attributes.get(attribute)
  return typeof value === 'number' ? value : refuse(message, `the attribute ${attribute} is no number`)
}

/** DBC files have an enumeration's value by its index, its default by its name. */
function nameOf<Name extends string>(message: DbcMessage, attribute: string, names: readonly Name[]): Name {
  const value = message.attributes.get(attribute)
  const name = typeof value === 'number' ? names[value] : names.find((candidate) => candidate === value)
  return name ?? refuse(message, `the attribute ${attribute} is ${value}, none of ${names.join(', ')}`)
}

/** Where a signal of the protection starts, bits; it must be as long as the profile has it. */
function offsetOf(message: DbcMessage, name: string, bits: number): number {
  const signal = message.signals.find((candidate) => candidate.name === name)
  if (signal?.byteOrder !== 'intel' || signal.bitLength !== bits)
    return refuse(message, `it has no Intel signal ${name} of ${bits} bits`)
  return signal.startBit
}

function p01Config(message: DbcMessage): P01Config {
  const mode = nameOf(message, 'E2EDataIdMode', DATA_ID_MODES).toLowerCase() as P01DataIdMode
  if (mode === 'nibble') refuse(message, 'E2EDataIdMode Nibble has no signal for the nibble in this contract')
  const config: P01Config = {
    dataId: numberOf(message, 'E2EDataId'),
    dataIdMode: mode,
    dataLength: message.length,
    crcOffset: offsetOf(message, CRC_SIGNAL, 8),
    counterOffset: offsetOf(message, COUNTER_SIGNAL, 4),
  }
  requireP01Config(config)
  return config
}

function p05Config(message: DbcMessage): P05Config {
  const dataId = numberOf(message, 'E2EDataId')
  // A message without signals carries a transport: what is protected is its payload, whose header comes first.
  const transport = message.signals.length === 0
  const headerOffset = transport ? 0 : offsetOf(message, CRC_SIGNAL, 16)
  if (!transport && offsetOf(message, COUNTER_SIGNAL, 8) !== headerOffset + 16)
    refuse(message, `${COUNTER_SIGNAL} does not follow ${CRC_SIGNAL}, as profile 5 has it`)
  const config = { dataId, headerOffset, dataLength: transport ? undefined : message.length }
  requireP05Config(config)
  return config
}

function stateMachineConfig(message: DbcMessage): E2eStateMachineConfig {
  const limits = (state: 'Init' | 'Valid' | 'Invalid') => ({
    windowSize: numberOf(message, `E2ESmWindowSize${state}`),
    minOk: numberOf(message, `E2ESmMinOkState${state}`),
    maxError: numberOf(message, `E2ESmMaxErrorState${state}`),
  })
  const config = {
    init: limits('Init'),
    valid: limits('Valid'),
    invalid: limits('Invalid'),
    clearToInvalid: numberOf(message, 'E2ESmClearToInvalid') === 1,
  }
  requireStateMachineConfig(config)
  return config
}

/**
 * A message's protection; undefined for one that its file does not protect.
 * @throws E2eMisconfigured when its attributes or signals do not make a protection
 */
export function e2eProtection(message: DbcMessage): E2eProtection | undefined {
  if (!message.attributes.has('E2EProfile')) return undefined
  const name = nameOf(message, 'E2EProfile', PROFILES)
  if (name === 'None') return undefined
  return {
    message: message.name,
    profile: name === 'P01' ? { name, config: p01Config(message) } : { name, config: p05Config(message) },
    maxDeltaCounter: numberOf(message, 'E2EMaxDeltaCounter'),
    maxNoNewOrRepeatedData: numberOf(message, 'E2EMaxNoNewOrRepeatedData'),
    syncCounterInit: numberOf(message, 'E2ESyncCounterInit'),
    stateMachine: stateMachineConfig(message),
    timeoutCycles: numberOf(message, 'TimeoutCycles'),
  }
}

/** The sender's end: writes counter and CRC into data. */
export function openE2eProtector({ profile }: E2eProtection): { protect(data: Uint8Array): void } {
  return profile.name === 'P01' ? new P01Protector(profile.config) : new P05Protector(profile.config)
}

/** The receiver's end, with the profile's own words mapped to those that all profiles share. */
export function openE2eChecker(protection: E2eProtection): (data: Uint8Array | undefined) => E2eCheck {
  const { profile } = protection
  if (profile.name === 'P01') {
    const checker = new P01Checker(profile.config, protection)
    return (data) => {
      const own = checker.check(data)
      const status = mapP01Status(own)
      const detail = own === 'initial' || own === 'sync' ? { detail: own } : {}
      return { status, lost: status === 'ok' ? checker.lostData : 0, ...detail }
    }
  }
  const checker = new P05Checker(profile.config, protection.maxDeltaCounter)
  return (data) => {
    const status = mapP05Status(checker.check(data))
    return { status, lost: status === 'ok' ? checker.lostData : 0 }
  }
}

/** Whether data carry this protection's CRC, whatever their counter. */
export function fitsE2e({ profile }: E2eProtection, data: Uint8Array): boolean {
  return profile.name === 'P01' ? fitsP01(profile.config, data) : fitsP05(profile.config, data)
}
