import type { SqlTransaction } from '../ports/sql-store.js'
import { recordTransition, type Transition } from './history.js'
import type { PlatformDeps } from './platform-config.js'
import { lockHealth, type BayRow } from './spaces.js'

type Recorder = Pick<PlatformDeps, 'clock' | 'log'>

/** Keeps and logs the new state of one axis of a bay. */
export function recordAxis(
  session: SqlTransaction,
  { clock, log }: Recorder,
  { bay_id: bayId, lock_id: lockId }: BayRow,
  axis: Transition['axis'],
  state: string,
  cause: string,
): void {
  recordTransition(session, { atMs: clock.now(), bayId, axis, state, cause })
  log.record(`bay-${axis}`, { bayId, lockId, state, cause })
}

/** Records the health of a bay's lock if it is another one with what has changed of its row. */
export function recordHealth(
  session: SqlTransaction,
  recorder: Recorder,
  bay: BayRow,
  changed: Partial<BayRow>,
  cause: string,
): void {
  const health = lockHealth({ ...bay, ...changed })
  if (health !== lockHealth(bay)) recordAxis(session, recorder, bay, 'lock-health', health, cause)
}
