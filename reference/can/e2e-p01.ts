/**
 * AUTOSAR E2E profile 1 (PRS_E2EProtocol, 6.3): CRC-8 SAE J1850, a counter 0…14, a 16-bit data ID that is in the CRC
 * but (but for the mode `nibble`) not in the data.
 */
import { updateCrc8 } from './e2e-crc.js'
import { E2eMisconfigured, E2eWrongLength, type E2eCheckStatus } from './e2e-status.js'

/** How the data ID gets into the CRC (PRS_E2E_00163). */
export type P01DataIdMode = 'both' | 'alt' | 'low' | 'nibble'

/** Offsets count bits, in Intel's order: 8 is the low nibble of byte 1, 12 its high nibble. */
export interface P01Config {
  /** 0…0xFFFF; 0…0xFFF in the mode `nibble`. */
  readonly dataId: number
  readonly dataIdMode: P01DataIdMode
  /** Bytes, 2…30. */
  readonly dataLength: number
  /** A multiple of 8. */
  readonly crcOffset: number
  /** A multiple of 4. */
  readonly counterOffset: number
  /** Mode `nibble` only: where the low nibble of the data ID's high byte travels; a multiple of 4. */
  readonly dataIdNibbleOffset?: number
}

/** What the receiver tolerates. */
export interface P01Tolerance {
  /** MaxDeltaCounterInit, 1…14: the largest step of the counter; one more for every cycle without new data. */
  readonly maxDeltaCounter: number
  /** MaxNoNewOrRepeatedData, 0…14: so many cycles without fresh data, and the next fresh ones are `sync`. */
  readonly maxNoNewOrRepeatedData: number
  /** SyncCounterInit, 0…14: so many fresh data after a break are `sync`. */
  readonly syncCounterInit: number
}

/** E2E_P01CheckStatusType (SWS_E2E_00022). */
export type P01Status =
  | 'ok'
  | 'no-new-data'
  | 'wrong-crc'
  | 'sync'
  | 'initial'
  | 'repeated'
  | 'ok-some-lost'
  | 'wrong-sequence'
  /** The CRC is right but the counter is 15, which no sender may send: an input error in AUTOSAR's words. */
  | 'invalid-counter'

const COUNTER_VALUES = 15
const COUNTER_LAST = COUNTER_VALUES - 1
const LONGEST_BYTES = 30

function isCount(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to
}

/** @throws E2eMisconfigured */
export function requireP01Config(config: P01Config): void {
  const { dataId, dataIdMode, dataLength, crcOffset, counterOffset, dataIdNibbleOffset } = config
  const refuse = (problem: string) => {
    throw new E2eMisconfigured(`E2E profile 1: ${problem}`)
  }
  if (!isCount(dataLength, 2, LONGEST_BYTES)) refuse(`${dataLength} bytes are not 2…${LONGEST_BYTES}`)
  const bits = dataLength * 8
  if (!isCount(dataId, 0, dataIdMode === 'nibble' ? 0xfff : 0xffff))
    refuse(`the data ID ${dataId} is out of range`)
  if (!isCount(crcOffset, 0, bits - 8) || crcOffset % 8 !== 0)
    refuse(`the CRC cannot be at bit ${crcOffset} of ${bits}: it takes a whole byte`)
  const nibbles = [counterOffset, ...(dataIdMode === 'nibble' ? [dataIdNibbleOffset ?? Number.NaN] : [])]
  for (const offset of nibbles) {
    if (!isCount(offset, 0, bits - 4) || offset % 4 !== 0 || offset >> 3 === crcOffset >> 3)
      refuse(`neither counter nor data ID nibble can be at bit ${offset}: a nibble outside of the CRC`)
  }
  if (new Set(nibbles).size !== nibbles.length) refuse('counter and data ID nibble are at the same place')
}

function readNibble(data: Uint8Array, offset: number): number {
  return ((data[offset >> 3] as number) >> (offset & 7)) & 0xf
}

function writeNibble(data: Uint8Array, offset: number, value: number): void {
  data[offset >> 3] = ((data[offset >> 3] as number) & ~(0xf << (offset & 7))) | (value << (offset & 7))
}

function dataIdBytes({ dataId, dataIdMode }: P01Config, counter: number): readonly number[] {
  const low = dataId & 0xff
  const high = dataId >> 8
  switch (dataIdMode) {
    case 'both':
      return [low, high]
    case 'low':
      return [low]
    case 'alt':
      return [counter % 2 === 0 ? low : high]
    case 'nibble':
      return [low, 0]
  }
}

/** PRS_E2E_00082: data ID first, then all bytes but the CRC's own; start value and final XOR cancel out to 0. */
function p01Crc(config: P01Config, data: Uint8Array): number {
  const at = config.crcOffset >> 3
  let crc = updateCrc8(0, dataIdBytes(config, readNibble(data, config.counterOffset)))
  crc = updateCrc8(crc, data.subarray(0, at))
  return updateCrc8(crc, data.subarray(at + 1))
}

/** Whether data of any length carry this configuration's CRC, and its data ID nibble where there is one. */
export function fitsP01(config: P01Config, data: Uint8Array): boolean {
  if (data.length !== config.dataLength) return false
  const { dataIdMode, dataIdNibbleOffset = 0, dataId } = config
  if (dataIdMode === 'nibble' && readNibble(data, dataIdNibbleOffset) !== dataId >> 8) return false
  return data[config.crcOffset >> 3] === p01Crc(config, data)
}

/** The sender's end (E2E_P01Protect, PRS_E2E_00195). */
export class P01Protector {
  #counter = 0

  /** @throws E2eMisconfigured */
  constructor(private readonly config: P01Config) {
    requireP01Config(config)
  }

  /** Writes counter, data ID nibble and CRC into the data. @throws E2eWrongLength */
  protect(data: Uint8Array): void {
    const { dataLength, counterOffset, crcOffset, dataIdMode, dataIdNibbleOffset = 0, dataId } = this.config
    if (data.length !== dataLength) throw new E2eWrongLength(dataLength, data.length)
    writeNibble(data, counterOffset, this.#counter)
    if (dataIdMode === 'nibble') writeNibble(data, dataIdNibbleOffset, dataId >> 8)
    data[crcOffset >> 3] = p01Crc(this.config, data)
    this.#counter = (this.#counter + 1) % COUNTER_VALUES // PRS_E2E_00075
  }
}

/** The receiver's end (E2E_P01Check, PRS_E2E_00196): called once for every reception, and for every cycle without one. */
export class P01Checker {
  #waitForFirstData = true
  #lastValidCounter = 0
  #maxDeltaCounter = 0
  #noNewOrRepeatedData = 0
  #syncCounter = 0
  #lostData = 0

  /** @throws E2eMisconfigured */
  constructor(
    private readonly config: P01Config,
    private readonly tolerance: P01Tolerance,
  ) {
    requireP01Config(config)
    const { maxDeltaCounter, maxNoNewOrRepeatedData, syncCounterInit } = tolerance
    const sound =
      isCount(maxDeltaCounter, 1, COUNTER_LAST) &&
      isCount(maxNoNewOrRepeatedData, 0, COUNTER_LAST) &&
      isCount(syncCounterInit, 0, COUNTER_LAST)
    if (!sound)
      throw new E2eMisconfigured('E2E profile 1: a tolerance is not within 0…14, or none is allowed')
  }

  /** Data that the last `ok`, `ok-some-lost` or `sync` found missing before it. */
  get lostData(): number {
    return this.#lostData
  }

  /** @param data undefined for a cycle in which nothing came */
  check(data: Uint8Array | undefined): P01Status {
    this.#maxDeltaCounter = Math.min(this.#maxDeltaCounter + 1, COUNTER_LAST)
    if (data === undefined) {
      this.#countStale()
      return 'no-new-data'
    }
    if (!fitsP01(this.config, data)) return 'wrong-crc'
    const counter = readNibble(data, this.config.counterOffset)
    if (counter > COUNTER_LAST) return 'invalid-counter'
    if (this.#waitForFirstData) {
      this.#waitForFirstData = false
      this.#accept(counter)
      return 'initial'
    }
    return this.#checkCounter(counter)
  }

  #checkCounter(counter: number): P01Status {
    const delta = (counter - this.#lastValidCounter + COUNTER_VALUES) % COUNTER_VALUES
    if (delta === 0) {
      this.#countStale()
      return 'repeated'
    }
    if (delta > this.#maxDeltaCounter) {
      this.#noNewOrRepeatedData = 0
      this.#syncCounter = this.tolerance.syncCounterInit
      if (this.#syncCounter > 0) this.#accept(counter)
      return 'wrong-sequence'
    }
    this.#accept(counter)
    this.#lostData = delta - 1
    const stale = this.#noNewOrRepeatedData
    this.#noNewOrRepeatedData = 0
    if (stale > this.tolerance.maxNoNewOrRepeatedData) {
      this.#syncCounter = this.tolerance.syncCounterInit
      return 'sync'
    }
    if (this.#syncCounter > 0) {
      this.#syncCounter--
      return 'sync'
    }
    return delta === 1 ? 'ok' : 'ok-some-lost'
  }

  #accept(counter: number): void {
    this.#lastValidCounter = counter
    this.#maxDeltaCounter = this.tolerance.maxDeltaCounter
  }

  #countStale(): void {
    this.#noNewOrRepeatedData = Math.min(this.#noNewOrRepeatedData + 1, COUNTER_LAST)
  }
}

/** E2E_P01MapStatusToSM with the behaviour of release 4.2 and later (profileBehavior = TRUE). */
export function mapP01Status(status: P01Status): E2eCheckStatus {
  switch (status) {
    case 'ok':
    case 'ok-some-lost':
    case 'sync':
      return 'ok'
    case 'initial':
      return 'wrong-sequence'
    case 'wrong-crc':
    case 'invalid-counter':
      return 'error'
    default:
      return status
  }
}
