import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openIsoTp } from '../can/iso-tp-link.js'
import { parkingBus } from '../contracts/parking-bus.js'
import { wgs84 } from '../domain/coordinates.js'
import type { CanBus } from '../ports/can-bus.js'
import type { EventLog } from '../ports/event-log.js'
import { createMemoryCan } from '../../rigs/simulated/memory-can/memory-can.js'
import { startHeadUnit, type HeadUnit } from './head-unit.js'
import { ackFrame, infoFrame, positionFrame, readParkingFrame, type PlanInfo } from './parking-frames.js'
import { encodeParkingLabel } from './parking-label.js'
import type { HeadUnitScreen } from './plan-assembly.js'

const INFO: PlanInfo = {
  walkMetres: 230,
  pricePerHourFen: 600,
  planSequence: 1,
  state: 'reserved',
  aliveCounter: 1,
}
const POINT = wgs84(31.2304, 121.4737)
const PNG_SIGNATURE = '89504e470d0a1a0a'

interface Bench {
  readonly tBox: CanBus
  readonly headUnit: HeadUnit
  readonly events: string[]
  readonly sendLabel: (planSequence: number, label: string) => Promise<void>
  /** The next acknowledgement, as the T-BOX hears it. */
  readonly nextAck: () => Promise<unknown>
  readonly nextScreen: () => Promise<HeadUnitScreen>
}

const DEADLINE_MS = 10_000

/** What `arrange` resolves with; a test that waits for what does not come fails and cleans up. */
function withinDeadline<T>(what: string, arrange: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`no ${what} came`)), DEADLINE_MS)
    arrange((value) => {
      clearTimeout(deadline)
      resolve(value)
    })
  })
}

async function withHeadUnit(cycleMs: number, run: (bench: Bench) => Promise<void>): Promise<void> {
  const can = createMemoryCan()
  const tBox = can.join('T_BOX')
  const events: string[] = []
  const log: EventLog = { record: (event) => events.push(event) }
  const headUnit = await startHeadUnit({ timing: { cycleMs } }, { bus: can.join('HEAD_UNIT'), log })
  const { labelTransport, labelFlowControl } = parkingBus
  const labels = openIsoTp(tBox, {
    transmitId: labelTransport.id,
    receiveId: labelFlowControl.id,
    extended: false,
  })
  try {
    await run({
      tBox,
      headUnit,
      events,
      sendLabel: (planSequence, label) =>
        labels.send(encodeParkingLabel({ planSequence, bayId: 'B-17', label })),
      nextAck: () =>
        withinDeadline('acknowledgement', (resolve) => {
          const unsubscribe = tBox.onFrame((frame) => {
            const message = readParkingFrame(frame)
            if (message?.kind !== 'ack') return
            unsubscribe()
            resolve(message)
          })
        }),
      nextScreen: () =>
        withinDeadline('screen', (resolve) => {
          const unsubscribe = headUnit.onChange((screen) => {
            unsubscribe()
            resolve(screen)
          })
        }),
    })
  } finally {
    labels.close()
    await headUnit.close()
    await can.close()
  }
}

const ack = (result: string) => ({ kind: 'ack', planSequence: 1, shownState: 'reserved', result })
/** Longer than any test, for those that are not about silence. */
const NO_SILENCE_MS = 60_000

test('a plan that came whole is displayed, and only then acknowledged', async () => {
  await withHeadUnit(NO_SILENCE_MS, async ({ tBox, headUnit, sendLabel, nextAck }) => {
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    const before = headUnit.picture()
    await sendLabel(1, '东区 17 号车位')
    const acknowledged = nextAck()
    await tBox.send(positionFrame(POINT))
    await tBox.send(infoFrame(INFO))
    assert.deepEqual(await acknowledged, ack('shown'))
    assert.deepEqual(headUnit.screen(), {
      shows: 'plan',
      planSequence: 1,
      bayId: 'B-17',
      label: '东区 17 号车位',
      walkMetres: 230,
      pricePerHourFen: 600,
      state: 'reserved',
      position: POINT,
    })
    assert.equal(headUnit.picture().subarray(0, 8).toString('hex'), PNG_SIGNATURE)
    assert.ok(!headUnit.picture().equals(before))
  })
})

test('frames without a label show nothing, and the T-BOX is told', async () => {
  await withHeadUnit(NO_SILENCE_MS, async ({ tBox, headUnit, nextAck }) => {
    const acknowledged = nextAck()
    await tBox.send(positionFrame(POINT))
    await tBox.send(infoFrame(INFO))
    assert.deepEqual(await acknowledged, ack('label-missing'))
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
  })
})

test('an info without its position shows nothing, and the T-BOX is told', async () => {
  await withHeadUnit(NO_SILENCE_MS, async ({ tBox, headUnit, sendLabel, nextAck }) => {
    await sendLabel(1, '东区 17 号车位')
    const acknowledged = nextAck()
    await tBox.send(infoFrame(INFO))
    assert.deepEqual(await acknowledged, ack('position-missing'))
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
  })
})

test('when the cycle stops, the screen says that it has no valid data', async () => {
  await withHeadUnit(20, async ({ tBox, headUnit, sendLabel, nextScreen }) => {
    await sendLabel(1, '东区 17 号车位')
    const shown = nextScreen()
    await tBox.send(positionFrame(POINT))
    await tBox.send(infoFrame(INFO))
    assert.equal((await shown).shows, 'plan')
    assert.deepEqual(await nextScreen(), { shows: 'no-valid-data' })
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
  })
})

test('frames that break the contract are refused and change nothing', async () => {
  await withHeadUnit(NO_SILENCE_MS, async ({ tBox, headUnit, events, sendLabel, nextAck }) => {
    await tBox.send({ ...infoFrame(INFO), data: Uint8Array.of(0, 0, 0, 0, 1, 0x1f, 0, 0) })
    await tBox.send({ ...infoFrame(INFO), data: Uint8Array.of(1) })
    await tBox.send(ackFrame({ planSequence: 1, shownState: 'ended', result: 'shown' }))
    await tBox.send({ id: 0x7df, extended: false, data: new Uint8Array(8) })
    assert.deepEqual(events.filter((event) => event === 'frame-refused').length, 2)
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    await sendLabel(1, '东区')
    const acknowledged = nextAck()
    await tBox.send(positionFrame(POINT))
    await tBox.send(infoFrame(INFO))
    assert.deepEqual(await acknowledged, ack('shown'))
  })
})
