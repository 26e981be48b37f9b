import type { VehicleSize } from '../domain/bay-fit.js'
import { DEFAULT_PLANNING_LIMITS, type PlanningLimits } from '../domain/parking-plan.js'

/** What a user asks of a space besides where it is. */
export type PlanningWishes = Partial<Omit<PlanningLimits, 'vehicle'>>

/** Nobody parks further away than that, metres. */
const MOST_WALK_METRES = 5_000

const NUMBER = String.raw`(\d{1,5}(?:\.\d{1,2})?)`
const PRICE = [
  new RegExp(
    String.raw`(?:不超过|最多|低于)?\s*${NUMBER}\s*(?:元|块)(?:[/每]?(?:小时|钟头))?(?:以内|以下|之内)?`,
  ),
  new RegExp(
    String.raw`(?:under|below|at most|up to|max)\s+${NUMBER}\s*(?:yuan|cny|rmb|¥)(?:\s*(?:an|per)\s+hour|\/h)?`,
    'i',
  ),
]
const WALK = [
  new RegExp(String.raw`(?:步行|走路)?\s*(?:不超过|最多)?\s*${NUMBER}\s*(公里|千米|米)(?:以内|之内|内)?`),
  new RegExp(String.raw`(?:within|at most|up to|max)\s+${NUMBER}\s*(km|m|metres?|meters?)\b`, 'i'),
]
const CHARGER: readonly (readonly [RegExp, NonNullable<PlanningLimits['charger']>])[] = [
  [/快充|直流|fast charg(?:er|ing)|dc charg(?:er|ing)/i, 'dc'],
  [/慢充|交流|slow charg(?:er|ing)|ac charg(?:er|ing)/i, 'ac'],
  [/充电桩?|charg(?:er|ing)/i, 'any'],
]

function firstMatch(patterns: readonly RegExp[], text: string): RegExpExecArray | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)
    if (found) return found
  }
  return undefined
}

/** The wishes in a text such as 北京西站 快充 5元以内 步行500米 or "Beijing West, charger, under 5 yuan, within 500 m". */
export function readPlanningWishes(text: string): PlanningWishes {
  const price = firstMatch(PRICE, text)
  const walk = firstMatch(WALK, text)
  const kilometres = /^(公里|千米|km)$/i.test(walk?.[2] ?? '')
  const charger = CHARGER.find(([pattern]) => pattern.test(text))?.[1]
  return {
    ...(price && { maxPricePerHourFen: Math.round(Number(price[1]) * 100) }),
    ...(walk && { maxWalkMetres: Math.min(MOST_WALK_METRES, Number(walk[1]) * (kilometres ? 1_000 : 1)) }),
    ...(charger && { charger }),
  }
}

/** The limits of a plan: what the user asked for, for the vehicle that they have. */
export function planningLimits(wishes: PlanningWishes, vehicle: VehicleSize | undefined): PlanningLimits {
  return { ...DEFAULT_PLANNING_LIMITS, ...wishes, ...(vehicle && { vehicle }) }
}
