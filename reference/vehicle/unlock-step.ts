import type { PlanState, UnlockStep } from '../contracts/vehicle-link.js'

/** How far the unlocking has come at least, where the cloud tells no more than the plan's state. */
const STEP_OF: Readonly<Record<PlanState, UnlockStep>> = {
  planned: 'requested',
  reserved: 'accepted',
  unlocked: 'unlocked',
  parked: 'occupied',
  ended: 'ended',
  refused: 'refused',
}

export function unlockStepOf(state: PlanState, told: UnlockStep | undefined): UnlockStep {
  return told ?? STEP_OF[state]
}
