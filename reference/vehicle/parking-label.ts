/**
 * The payload that carries a bay's label over ISO-TP, as `parking.dbc` documents it:
 *
 *     CRC, 2 bytes | counter | version 2 | plan sequence | n | n bytes: bay identifier, ASCII | label, UTF-8
 */
export interface ParkingLabel {
  /** 1…255: the plan that the label belongs to. */
  readonly planSequence: number
  readonly bayId: string
  /** 1…256 bytes of UTF-8. */
  readonly label: string
}

/** Thrown for a payload that is no label; nothing of it is shown. */
export class MalformedParkingLabel extends Error {
  override readonly name = 'MalformedParkingLabel'
  constructor(problem: string, options?: ErrorOptions) {
    super(`parking label: ${problem}`, options)
  }
}

const FORMAT_VERSION = 2
/** CRC and counter of E2E profile 5, which `FrameProtection` fills in. */
const E2E_BYTES = 3
const HEADER_BYTES = E2E_BYTES + 3
const MAX_LABEL_BYTES = 256
const BAY_ID = /^[A-Za-z0-9_-]{1,64}$/

function requireLabel({ planSequence, bayId, label }: ParkingLabel): void {
  if (!Number.isInteger(planSequence) || planSequence < 1 || planSequence > 255) {
    throw new MalformedParkingLabel(`plan sequence ${planSequence} is not 1…255`)
  }
  if (!BAY_ID.test(bayId)) throw new MalformedParkingLabel(`${JSON.stringify(bayId)} is no bay identifier`)
  const bytes = Buffer.byteLength(label, 'utf8')
  if (bytes < 1 || bytes > MAX_LABEL_BYTES) {
    throw new MalformedParkingLabel(`the label has ${bytes} bytes, not 1…${MAX_LABEL_BYTES}`)
  }
}

/** The payload without its protection: counter and CRC are 0. @throws MalformedParkingLabel */
export function encodeParkingLabel(label: ParkingLabel): Uint8Array {
  requireLabel(label)
  const bayId = Buffer.from(label.bayId, 'ascii')
  const head = Buffer.from([0, 0, 0, FORMAT_VERSION, label.planSequence, bayId.length])
  return new Uint8Array(Buffer.concat([head, bayId, Buffer.from(label.label, 'utf8')]))
}

/** @param payload whose protection has been checked @throws MalformedParkingLabel, also for bytes that are not UTF-8 */
export function decodeParkingLabel(payload: Uint8Array): ParkingLabel {
  const [version, planSequence, bayIdBytes] = payload.subarray(E2E_BYTES)
  if (version === undefined || planSequence === undefined || bayIdBytes === undefined) {
    throw new MalformedParkingLabel(`${payload.length} bytes are too short`)
  }
  if (version !== FORMAT_VERSION) throw new MalformedParkingLabel(`format version ${version} is unknown`)
  const labelAt = HEADER_BYTES + bayIdBytes
  let decoded: ParkingLabel
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const bayId = utf8.decode(payload.subarray(HEADER_BYTES, labelAt))
    decoded = { planSequence, bayId, label: utf8.decode(payload.subarray(labelAt)) }
  } catch (cause) {
    throw new MalformedParkingLabel('the bytes are not UTF-8', { cause })
  }
  requireLabel(decoded)
  return decoded
}
