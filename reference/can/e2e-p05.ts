/**
 * AUTOSAR E2E profile 5 (PRS_E2EProtocol, 6.6): CRC-16 CCITT-FALSE, little endian, and a counter 0…255 in a header of
 * three bytes; the 16-bit data ID is in the CRC but not in the data.
 */
import { updateCrc16 } from './e2e-crc.js'
import { E2eMisconfigured, E2eWrongLength, type E2eCheckStatus } from './e2e-status.js'

export interface P05Config {
  /** 0…0xFFFF */
  readonly dataId: number
  /**
   * Bytes, 3…4096; undefined for data of varying length whose transport tells it (ISO-TP), which goes beyond
   * AUTOSAR's profile 5: the CRC runs over as many bytes as came.
   */
  readonly dataLength: number | undefined
  /** Bits before the header: CRC low byte, CRC high byte, counter. A multiple of 8. */
  readonly headerOffset: number
}

/** E2E_P05CheckStatusType (SWS_E2E_00440). */
export type P05Status = 'ok' | 'no-new-data' | 'error' | 'repeated' | 'ok-some-lost' | 'wrong-sequence'

const COUNTER_VALUES = 256
const HEADER_BYTES = 3
const LONGEST_BYTES = 4096

/** @throws E2eMisconfigured */
export function requireP05Config({ dataId, dataLength, headerOffset }: P05Config): void {
  const refuse = (problem: string) => {
    throw new E2eMisconfigured(`E2E profile 5: ${problem}`)
  }
  if (!Number.isInteger(dataId) || dataId < 0 || dataId > 0xffff)
    refuse(`the data ID ${dataId} is not 0…65535`)
  const length = dataLength ?? LONGEST_BYTES
  if (!Number.isInteger(length) || length < HEADER_BYTES || length > LONGEST_BYTES)
    refuse(`${length} bytes are not ${HEADER_BYTES}…${LONGEST_BYTES}`)
  const last = (length - HEADER_BYTES) * 8
  if (!Number.isInteger(headerOffset) || headerOffset < 0 || headerOffset > last || headerOffset % 8 !== 0)
    refuse(`the header cannot be at bit ${headerOffset} of ${length} bytes`)
}

/** All bytes but the CRC's own, then the data ID, low byte first (PRS_E2E_00403, 00411). */
function p05Crc({ dataId, headerOffset }: P05Config, data: Uint8Array): number {
  const at = headerOffset >> 3
  let crc = updateCrc16(0xffff, data.subarray(0, at))
  crc = updateCrc16(crc, data.subarray(at + 2))
  return updateCrc16(crc, [dataId & 0xff, dataId >> 8])
}

function hasLength({ dataLength, headerOffset }: P05Config, data: Uint8Array): boolean {
  if (dataLength !== undefined) return data.length === dataLength
  return data.length >= (headerOffset >> 3) + HEADER_BYTES && data.length <= LONGEST_BYTES
}

/** Whether data of any length carry this configuration's CRC. */
export function fitsP05(config: P05Config, data: Uint8Array): boolean {
  if (!hasLength(config, data)) return false
  const at = config.headerOffset >> 3
  return ((data[at] as number) | ((data[at + 1] as number) << 8)) === p05Crc(config, data)
}

/** The sender's end (E2E_P05Protect, PRS_E2E_00403). */
export class P05Protector {
  #counter = 0

  /** @throws E2eMisconfigured */
  constructor(private readonly config: P05Config) {
    requireP05Config(config)
  }

  /** Writes counter and CRC into the data. @throws E2eWrongLength */
  protect(data: Uint8Array): void {
    const { config } = this
    if (!hasLength(config, data)) throw new E2eWrongLength(config.dataLength ?? HEADER_BYTES, data.length)
    const at = config.headerOffset >> 3
    data[at + 2] = this.#counter
    const crc = p05Crc(config, data)
    data[at] = crc & 0xff
    data[at + 1] = crc >> 8
    this.#counter = (this.#counter + 1) % COUNTER_VALUES
  }
}

/** The receiver's end (E2E_P05Check, PRS_E2E_00411): called once for every reception, and for every cycle without one. */
export class P05Checker {
  /** So that a sender's first counter, 0, is the one that is due (E2E_P05CheckInit). */
  #counter = COUNTER_VALUES - 1
  #lostData = 0

  /**
   * @param maxDeltaCounter 1…254: the largest step of the counter
   * @throws E2eMisconfigured
   */
  constructor(
    private readonly config: P05Config,
    private readonly maxDeltaCounter: number,
  ) {
    requireP05Config(config)
    if (!Number.isInteger(maxDeltaCounter) || maxDeltaCounter < 1 || maxDeltaCounter > COUNTER_VALUES - 2)
      throw new E2eMisconfigured(`E2E profile 5: a largest step of ${maxDeltaCounter} is not 1…254`)
  }

  /** Data that the last `ok` or `ok-some-lost` found missing before it. */
  get lostData(): number {
    return this.#lostData
  }

  /** @param data undefined for a cycle in which nothing came */
  check(data: Uint8Array | undefined): P05Status {
    if (data === undefined) return 'no-new-data'
    if (!fitsP05(this.config, data)) return 'error'
    const counter = data[(this.config.headerOffset >> 3) + 2] as number
    const delta = (counter - this.#counter + COUNTER_VALUES) % COUNTER_VALUES
    this.#counter = counter
    if (delta === 0) return 'repeated'
    if (delta > this.maxDeltaCounter) return 'wrong-sequence'
    this.#lostData = delta - 1
    return delta === 1 ? 'ok' : 'ok-some-lost'
  }
}

/** E2E_P05MapStatusToSM (SWS_E2E_00452). */
export function mapP05Status(status: P05Status): E2eCheckStatus {
  return status === 'ok-some-lost' ? 'ok' : status
}
