import { decodeMessage, encodeMessage, type SignalInput } from '../can/dbc-codec.js'
import { frameKey, type DbcMessage } from '../can/dbc-model.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { PlanState, UnlockStep } from '../contracts/vehicle-link.js'
import { wgs84 } from '../domain/coordinates.js'
import type { CanFrame } from '../ports/can-bus.js'

/** ParkingPlanLatitude or ParkingPlanLongitude: half of the bay's place. */
export interface PlanCoordinate {
  /** 1…255. */
  readonly planSequence: number
  /** WGS-84. */
  readonly degrees: number
}

/** ParkingUnlockProgress. */
export interface UnlockProgress {
  readonly planSequence: number
  readonly step: UnlockStep
}

/** ParkingPlanInfo. */
export interface PlanInfo {
  /** Whole metres, 0…65535. */
  readonly walkMetres: number
  /** The walk, 0…254; undefined where it is not known. */
  readonly etaMinutes?: number | undefined
  /** 0…65535. */
  readonly pricePerHourFen: number
  /** 1…255. */
  readonly planSequence: number
  readonly state: PlanState
}

export type AckResult =
  'shown' | 'label-missing' | 'position-missing' | 'not-drawn' | 'progress-missing' | 'not-valid'

/** HeadUnitAck. */
export interface HeadUnitAck {
  readonly planSequence: number
  readonly shownState: PlanState
  readonly shownStep: UnlockStep
  readonly result: AckResult
}

export type ParkingMessage =
  | ({ readonly kind: 'latitude' } & PlanCoordinate)
  | ({ readonly kind: 'longitude' } & PlanCoordinate)
  | ({ readonly kind: 'progress' } & UnlockProgress)
  | ({ readonly kind: 'info' } & PlanInfo)
  | ({ readonly kind: 'ack' } & HeadUnitAck)

/** Thrown for a frame of the contract whose content breaks it. */
export class MalformedParkingFrame extends Error {
  override readonly name = 'MalformedParkingFrame'
}

const PLAN_STATES = ['planned', 'reserved', 'unlocked', 'parked', 'ended', 'refused'] as const
const UNLOCK_STEPS = [
  'requested',
  'accepted',
  'code-sent',
  'unlocked',
  'occupied',
  'ended',
  'refused',
] as const
const ACK_RESULTS = [
  'shown',
  'label-missing',
  'position-missing',
  'not-drawn',
  'progress-missing',
  'not-valid',
] as const
const ETA_NOT_KNOWN = 255

/** Without its protection: counter and CRC are 0 until `FrameProtection` has been over it. */
function frameOf(message: DbcMessage, values: Readonly<Record<string, SignalInput>>): CanFrame {
  const data = encodeMessage(message, { E2eCrc: 0, AliveCounter: 0, ...values })
  return { id: message.id, extended: message.extended, data }
}

/** @throws SignalNotEncodable for a value that its signal cannot carry, in all five */
export function latitudeFrame({ planSequence, degrees }: PlanCoordinate): CanFrame {
  return frameOf(parkingBus.latitude, { PlanSequence: planSequence, Latitude: degrees })
}

export function longitudeFrame({ planSequence, degrees }: PlanCoordinate): CanFrame {
  return frameOf(parkingBus.longitude, { PlanSequence: planSequence, Longitude: degrees })
}

export function progressFrame({ planSequence, step }: UnlockProgress): CanFrame {
  return frameOf(parkingBus.progress, { PlanSequence: planSequence, UnlockStep: step })
}

export function infoFrame(info: PlanInfo): CanFrame {
  return frameOf(parkingBus.info, {
    WalkDistance: info.walkMetres,
    PricePerHour: info.pricePerHourFen,
    EtaMinutes: info.etaMinutes ?? ETA_NOT_KNOWN,
    PlanSequence: info.planSequence,
    PlanState: info.state,
  })
}

export function ackFrame(ack: HeadUnitAck): CanFrame {
  return frameOf(parkingBus.ack, {
    PlanSequence: ack.planSequence,
    ShownState: ack.shownState,
    ShownStep: ack.shownStep,
    Result: ack.result,
  })
}

/** 1e-7 degrees are 11 mm: digits beyond them are noise of the scaling. */
const degrees = (value: number) => Math.round(value * 1e7) / 1e7

function reader(message: DbcMessage, frame: CanFrame) {
  const signals = decodeMessage(message, frame.data)
  const physical = (name: string) => signals.get(name)?.physical ?? Number.NaN
  const named = <Name extends string>(name: string, known: readonly Name[]): Name => {
    const found = known.find((candidate) => candidate === signals.get(name)?.valueName)
    if (found === undefined) {
      throw new MalformedParkingFrame(`${message.name}.${name}: ${physical(name)} is not in its value table`)
    }
    return found
  }
  return { physical, named }
}

function readMessage(message: DbcMessage, frame: CanFrame): ParkingMessage | undefined {
  const { physical, named } = reader(message, frame)
  const planSequence = physical('PlanSequence')
  switch (message) {
    case parkingBus.latitude:
      return {
        kind: 'latitude',
        planSequence,
        degrees: wgs84(degrees(physical('Latitude')), 0).latitude,
      }
    case parkingBus.longitude:
      return {
        kind: 'longitude',
        planSequence,
        degrees: wgs84(0, degrees(physical('Longitude'))).longitude,
      }
    case parkingBus.progress:
      return { kind: 'progress', planSequence, step: named('UnlockStep', UNLOCK_STEPS) }
    case parkingBus.info: {
      const eta = physical('EtaMinutes')
      return {
        kind: 'info',
        walkMetres: physical('WalkDistance'),
        ...(eta === ETA_NOT_KNOWN ? {} : { etaMinutes: eta }),
        pricePerHourFen: physical('PricePerHour'),
        planSequence,
        state: named('PlanState', PLAN_STATES),
      }
    }
    case parkingBus.ack:
      return {
        kind: 'ack',
        planSequence,
        shownState: named('ShownState', PLAN_STATES),
        shownStep: named('ShownStep', UNLOCK_STEPS),
        result: named('Result', ACK_RESULTS),
      }
    default:
      return undefined
  }
}

/**
 * The parking message that a frame is, whether or not its protection is right; undefined for any other frame,
 * ISO-TP's among them.
 * @throws MalformedParkingFrame
 */
export function readParkingFrame(frame: CanFrame): ParkingMessage | undefined {
  const message = parkingBus.database.byFrame.get(frameKey(frame))
  if (!message || message.signals.length === 0 || frame.remote) return undefined
  try {
    return readMessage(message, frame)
  } catch (cause) {
    if (cause instanceof MalformedParkingFrame) throw cause
    throw new MalformedParkingFrame(`${message.name}: ${(cause as Error).message}`, { cause })
  }
}
