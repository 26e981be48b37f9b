import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TimelineFact } from '../../evidence/timeline.js'
import type { PlantTrace } from '../../simulated/lock-plant/lock-plant.js'
import { boardTimeline } from './board-timeline.js'

const resting: PlantTrace = {
  hardwareMs: 0,
  degrees: 110,
  commandedDegrees: null,
  supplied: false,
  currentAmps: 0,
  batteryVolts: 7.9,
  limitUp: true,
  limitDown: false,
  vehiclePresent: false,
  tampered: false,
}

test('edges are told once each, with their pin; steady records are not', () => {
  const facts: TimelineFact[] = []
  const tell = boardTimeline({
    record: (fact) => void facts.push(fact),
    eventLog: () => ({ record: () => undefined }),
    close: () => undefined,
  })
  tell(resting, 0)
  tell({ ...resting, supplied: true }, 160_000)
  tell({ ...resting, supplied: true, degrees: 90, limitUp: false }, 320_000)
  tell({ ...resting, supplied: true, degrees: 80, limitUp: false }, 480_000)
  assert.deepEqual(
    facts.map(({ event, body }) => [event, (body as { pin: string }).pin, (body as { cycle: number }).cycle]),
    [
      ['actuator-supplied', 'D8', 160_000],
      ['bolt-leaves-up', 'D3', 320_000],
    ],
  )
})
