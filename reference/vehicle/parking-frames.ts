import { decodeMessage, encodeMessage, type SignalInput } from '../can/dbc-codec.js'
import { frameKey, type DbcMessage } from '../can/dbc-model.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { PlanState } from '../contracts/vehicle-link.js'
import { wgs84, type Wgs84Point } from '../domain/coordinates.js'
import type { CanFrame } from '../ports/can-bus.js'

/** ParkingPlanInfo. */
export interface PlanInfo {
  /** Whole metres, 0…65535. */
  readonly walkMetres: number
  /** 0…65535. */
  readonly pricePerHourFen: number
  /** 1…255. */
  readonly planSequence: number
  readonly state: PlanState
  /** 0…15. */
  readonly aliveCounter: number
}

export type AckResult = 'shown' | 'label-missing' | 'position-missing' | 'not-drawn'

/** HeadUnitAck. */
export interface HeadUnitAck {
  readonly planSequence: number
  readonly shownState: PlanState
  readonly result: AckResult
}

export type ParkingMessage =
  | ({ readonly kind: 'info' } & PlanInfo)
  | ({ readonly kind: 'ack' } & HeadUnitAck)
  | { readonly kind: 'position'; readonly point: Wgs84Point }

/** Thrown for a frame of the contract whose content breaks it. */
export class MalformedParkingFrame extends Error {
  override readonly name = 'MalformedParkingFrame'
}

const PLAN_STATES = ['planned', 'reserved', 'unlocked', 'parked', 'ended', 'refused'] as const
const ACK_RESULTS = ['shown', 'label-missing', 'position-missing', 'not-drawn'] as const

function frameOf(message: DbcMessage, values: Readonly<Record<string, SignalInput>>): CanFrame {
  return { id: message.id, extended: message.extended, data: encodeMessage(message, values) }
}

/** @throws SignalNotEncodable for a value that its signal cannot carry, in all three */
export function positionFrame({ latitude, longitude }: Wgs84Point): CanFrame {
  return frameOf(parkingBus.position, { Latitude: latitude, Longitude: longitude })
}

export function infoFrame(info: PlanInfo): CanFrame {
  return frameOf(parkingBus.info, {
    WalkDistance: info.walkMetres,
    PricePerHour: info.pricePerHourFen,
    PlanSequence: info.planSequence,
    PlanState: info.state,
    AliveCounter: info.aliveCounter,
  })
}

export function ackFrame(ack: HeadUnitAck): CanFrame {
  return frameOf(parkingBus.ack, {
    PlanSequence: ack.planSequence,
    ShownState: ack.shownState,
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

/**
 * The parking message that a frame is; undefined for any other frame, ISO-TP's among them.
 * @throws MalformedParkingFrame
 */
export function readParkingFrame(frame: CanFrame): ParkingMessage | undefined {
  const message = parkingBus.database.byFrame.get(frameKey(frame))
  if (!message || message.signals.length === 0 || frame.remote) return undefined
  try {
    const { physical, named } = reader(message, frame)
    switch (message) {
      case parkingBus.position:
        return {
          kind: 'position',
          point: wgs84(degrees(physical('Latitude')), degrees(physical('Longitude'))),
        }
      case parkingBus.info:
        return {
          kind: 'info',
          walkMetres: physical('WalkDistance'),
          pricePerHourFen: physical('PricePerHour'),
          planSequence: physical('PlanSequence'),
          state: named('PlanState', PLAN_STATES),
          aliveCounter: physical('AliveCounter'),
        }
      case parkingBus.ack:
        return {
          kind: 'ack',
          planSequence: physical('PlanSequence'),
          shownState: named('ShownState', PLAN_STATES),
          result: named('Result', ACK_RESULTS),
        }
      default:
        return undefined
    }
  } catch (cause) {
    if (cause instanceof MalformedParkingFrame) throw cause
    throw new MalformedParkingFrame(`${message.name}: ${(cause as Error).message}`, { cause })
  }
}
