/** Identifiers of the system, branded so that a bay is never passed where a lock is asked for. */
declare const brand: unique symbol
type Identifier<Name extends string> = string & { readonly [brand]: Name }

export type BayId = Identifier<'BayId'>
export type LockId = Identifier<'LockId'>
export type ReservationId = Identifier<'ReservationId'>
export type VehicleId = Identifier<'VehicleId'>

/** Thrown for an identifier that could not stand in a topic, a path or a log line. */
export class MalformedIdentifier extends Error {
  override readonly name = 'MalformedIdentifier'
  constructor(kind: string, value: unknown) {
    super(`${JSON.stringify(value)} is not a ${kind}: 1 to 64 letters, digits, "-" or "_"`)
  }
}

/** Letters, digits, "-" and "_" only: no MQTT wildcard or separator, no path or header injection. */
const PATTERN = /^[A-Za-z0-9_-]{1,64}$/

function identifier<Name extends string>(kind: Name) {
  return (value: string): Identifier<Name> => {
    if (typeof value !== 'string' || !PATTERN.test(value)) throw new MalformedIdentifier(kind, value)
    return value as Identifier<Name>
  }
}

/** Each checks its argument. @throws MalformedIdentifier */
export const bayId = identifier('BayId')
export const lockId = identifier('LockId')
export const reservationId = identifier('ReservationId')
export const vehicleId = identifier('VehicleId')
