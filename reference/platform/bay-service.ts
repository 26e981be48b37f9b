import type { Space } from '../contracts/platform-api.js'
import { recordTransition } from './history.js'
import type { PlatformDeps } from './platform-config.js'
import { refuse, type Refusal } from './problem.js'
import type { ReservationLife } from './reservation-life.js'
import { activeReservation } from './reservation-store.js'
import { bay, getSpace } from './spaces.js'

/** An operator takes bays out of service and puts them back. */
export class BayService {
  constructor(
    private readonly deps: PlatformDeps,
    private readonly life: ReservationLife,
    /** Called after a commit that left something in the outbox. */
    private readonly onCommit: () => void,
  ) {}

  /** Out of service, a bay takes no reservation, and loses one whose bolt has not opened: a car that is there may stay. */
  async set(bayId: string, inService: boolean, correlationId: string | undefined): Promise<Space | Refusal> {
    const { store, clock, log } = this.deps
    const space = await store.transaction(async (session) => {
      const row = await bay(session, bayId)
      if (!row) return undefined
      if (inService !== (row.in_service === 1)) {
        session.write('UPDATE platform_bays SET in_service = ? WHERE bay_id = ?', [inService ? 1 : 0, bayId])
        const state = inService ? 'in-service' : 'out-of-service'
        recordTransition(session, {
          atMs: clock.now(),
          bayId,
          axis: 'service',
          state,
          cause: 'operator',
        })
        log.record('bay-service', { bayId, state }, correlationId)
      }
      const reservation = inService ? undefined : await activeReservation(session, bayId)
      if (reservation) await this.life.take(session, reservation, 'cancelled', 'operator', 'out-of-service')
      return getSpace(session, bayId)
    })
    this.onCommit()
    return space ?? refuse('bay-unknown', `there is no bay ${bayId}`)
  }
}
