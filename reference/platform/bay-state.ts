import type { LockStatus } from '../contracts/lock-link.js'
import type { BoltPosition, LockSaid, Position } from '../contracts/platform-api.js'
import type { SqlTransaction } from '../ports/sql-store.js'
import { raiseAlert } from './alerts.js'
import { recordAxis, recordHealth } from './bay-axes.js'
import type { PlatformDeps } from './platform-config.js'
import type { ReservationLife } from './reservation-life.js'
import { activeReservation } from './reservation-store.js'
import type { BayRow } from './spaces.js'

/** What an operator may read of a lock's status, as JSON; nothing of a lock that is gone. */
function lockSaid(status: LockStatus): string | null {
  const { online, state, battery, batteryVolts, gps, camera, faults, wear } = status
  const said = { state, battery, batteryVolts, gps, camera, faults, wear } satisfies Record<
    keyof LockSaid,
    unknown
  >
  const text = JSON.stringify(said)
  return online && text !== '{}' ? text : null
}

/** The axes of a bay that its lock speaks of: occupancy, bolt, lock health, and the newest fix. */
export class BayState {
  constructor(
    private readonly deps: PlatformDeps,
    private readonly life: ReservationLife,
  ) {}

  /** @param retained a kept copy may be older than the events since, so it does not move a reservation */
  async takeStatus(
    session: SqlTransaction,
    bay: BayRow,
    status: LockStatus,
    retained: boolean,
  ): Promise<void> {
    const cause = `status of boot ${status.bootCount}`
    const link = { lock_online: status.online ? 1 : 0, lock_fault: status.fault ?? null } as const
    const changed =
      link.lock_online !== bay.lock_online ||
      link.lock_fault !== bay.lock_fault ||
      status.bootCount !== bay.boot_count
    const said = lockSaid(status)
    if (said !== bay.lock_said) {
      session.write('UPDATE platform_bays SET lock_said = ? WHERE bay_id = ?', [said, bay.bay_id])
    }
    if (changed) {
      session.write(
        'UPDATE platform_bays SET lock_online = ?, lock_fault = ?, boot_count = ? WHERE bay_id = ?',
        [link.lock_online, link.lock_fault, status.bootCount, bay.bay_id],
      )
      recordHealth(session, this.deps, bay, link, cause)
    }
    if (!status.online && bay.lock_online) {
      const at = { bayId: bay.bay_id, lockId: bay.lock_id }
      await raiseAlert(session, this.deps, at, { kind: 'lock-offline' })
    }
    this.setBolt(session, bay, status.bolt, cause)
    if (status.occupied === undefined) return
    if (retained) this.#setOccupancy(session, bay, status.occupied, cause)
    else await this.setOccupied(session, bay, status.occupied, cause)
  }

  setBolt(session: SqlTransaction, bay: BayRow, bolt: BoltPosition, cause: string): void {
    if (bolt === bay.bolt) return
    session.write('UPDATE platform_bays SET bolt = ? WHERE bay_id = ?', [bolt, bay.bay_id])
    recordAxis(session, this.deps, bay, 'bolt', bolt, cause)
  }

  /** A vehicle came or went. One that goes ends the reservation it stood on; nothing a sensor says frees another. */
  async setOccupied(session: SqlTransaction, bay: BayRow, occupied: boolean, cause: string): Promise<void> {
    this.#setOccupancy(session, bay, occupied, cause)
    const reservation = await activeReservation(session, bay.bay_id)
    if (reservation) {
      await this.life.take(session, reservation, occupied ? 'occupied' : 'completed', cause)
    }
  }

  setFault(session: SqlTransaction, bay: BayRow, fault: string, cause: string): void {
    session.write('UPDATE platform_bays SET lock_fault = ? WHERE bay_id = ?', [fault, bay.bay_id])
    recordHealth(session, this.deps, bay, { lock_fault: fault }, cause)
  }

  /** Keeps the newest fix by the lock's own time; one from the future counts as taken now. */
  setFix(session: SqlTransaction, bay: BayRow, position: Position, hdop: number, fixMs: number): void {
    const atMs = Math.min(fixMs, this.deps.clock.now())
    session.write(
      `UPDATE platform_bays SET fix_latitude = ?, fix_longitude = ?, fix_hdop = ?, fix_at = ?
       WHERE bay_id = ? AND (fix_at IS NULL OR fix_at <= ?)`,
      [position.latitude, position.longitude, hdop, atMs, bay.bay_id, atMs],
    )
  }

  #setOccupancy(session: SqlTransaction, bay: BayRow, occupied: boolean, cause: string): void {
    const occupancy = occupied ? 'occupied' : 'free'
    if (occupancy === bay.occupancy) return
    session.write('UPDATE platform_bays SET occupancy = ? WHERE bay_id = ?', [occupancy, bay.bay_id])
    recordAxis(session, this.deps, bay, 'occupancy', occupancy, cause)
  }
}
