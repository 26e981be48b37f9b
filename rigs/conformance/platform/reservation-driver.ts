import { randomUUID } from 'node:crypto'
import type { Problem, Reservation } from '../../../reference/contracts/platform-api.js'
import { reservationOf, type PlatformRig } from './platform-rig.js'
import type { ScriptedLock } from './scripted-lock.js'

/** Takes reservations of bay B-17 along, as the cloud and the bay's lock do. */
export class ReservationDriver {
  constructor(
    private readonly rig: PlatformRig,
    private readonly lock: ScriptedLock,
  ) {}

  reserve(bayId = 'B-17', changes: object = {}, key: string = randomUUID()) {
    return this.rig.request<Reservation & Problem>('POST', '/v1/reservations', {
      body: reservationOf(bayId, changes),
      headers: { 'Idempotency-Key': key, 'X-Correlation-Id': 'wish-1' },
    })
  }

  accepted(reservationId: string) {
    return this.lock.say({
      type: 'reservation-accepted',
      reservationId,
      comparatorReading: 'preset',
      distanceMetres: 1.5,
    })
  }

  /** Until both sides have the code. */
  async untilCode() {
    const { reservationId } = (await this.reserve()).body
    await this.accepted(reservationId)
    await this.lock.say({ type: 'unlock-code-requested', reservationId })
    const command = await this.lock.command('unlock-code')
    return { reservationId, command, webhook: await this.rig.cloud.event('code-issued') }
  }

  /** Until the bolt is down. @returns the reservation's id */
  async untilUnlocked(): Promise<string> {
    const { reservationId } = await this.untilCode()
    await this.lock.say({ type: 'bolt-changed', bolt: 'down', reservationId })
    await this.rig.cloud.event('bay-unlocked')
    return reservationId
  }
}
