import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openIsoTp } from '../can/iso-tp-link.js'
import { parkingBus } from '../contracts/parking-bus.js'
import { wgs84 } from '../domain/coordinates.js'
import type { CanBus, CanFrame } from '../ports/can-bus.js'
import type { EventLog } from '../ports/event-log.js'
import { seededRandom } from '../../rigs/simulated/seeded-random.js'
import { Draws } from '../../rigs/soak/draws.js'
import { createMemoryCan } from '../../rigs/simulated/memory-can/memory-can.js'
import { ManualSchedule } from './fixtures/manual-schedule.js'
import { FrameProtection } from './frame-protection.js'
import { startHeadUnit, type HeadUnit } from './head-unit.js'
import {
  ackFrame,
  infoFrame,
  latitudeFrame,
  longitudeFrame,
  progressFrame,
  readParkingFrame,
  type PlanInfo,
} from './parking-frames.js'
import { encodeParkingLabel } from './parking-label.js'

const INFO: PlanInfo = {
  walkMetres: 230,
  etaMinutes: 3,
  pricePerHourFen: 600,
  planSequence: 1,
  state: 'reserved',
}
const POINT = wgs84(31.2304, 121.4737)
const PNG_SIGNATURE = '89504e470d0a1a0a'
const { cycleMs } = parkingBus

interface Bench {
  readonly tBox: CanBus
  readonly headUnit: HeadUnit
  readonly time: ManualSchedule
  readonly events: { readonly event: string; readonly message: unknown; readonly dataOf: unknown }[]
  /** Of the T-BOX: its counters go on from one frame to the next. */
  readonly protection: FrameProtection
  readonly sendLabel: (label?: string, protect?: (payload: Uint8Array) => Uint8Array) => Promise<void>
  /** Sends the frames of a cycle, each changed, and resolves with the head unit's answer if one is due. */
  readonly cycle: (info?: Partial<PlanInfo>, change?: (frame: CanFrame) => CanFrame[]) => Promise<string[]>
  readonly faults: () => string[]
}

async function withHeadUnit(run: (bench: Bench) => Promise<void>): Promise<void> {
  const can = createMemoryCan()
  const tBox = can.join('T_BOX')
  const time = new ManualSchedule()
  const events: Bench['events'] = []
  const log: EventLog = {
    record: (event, fields) =>
      events.push({ event, message: fields?.['message'], dataOf: fields?.['dataOf'] }),
  }
  const headUnit = await startHeadUnit({}, { bus: can.join('HEAD_UNIT'), log, schedule: time.schedule })
  const protection = new FrameProtection()
  const { labelTransport, labelFlowControl } = parkingBus
  const labels = openIsoTp(tBox, {
    transmitId: labelTransport.id,
    receiveId: labelFlowControl.id,
    extended: false,
  })
  const acks: string[] = []
  tBox.onFrame((frame) => {
    const message = readParkingFrame(frame)
    if (message?.kind === 'ack') acks.push(message.result)
  })
  try {
    await run({
      tBox,
      headUnit,
      time,
      events,
      protection,
      sendLabel: (label = '东区 17 号车位', protect = (payload) => protection.protectLabel(payload)) =>
        labels.send(protect(encodeParkingLabel({ planSequence: 1, bayId: 'B-17', label }))),
      cycle: async (changes = {}, change = (frame) => [frame]) => {
        const info = { ...INFO, ...changes }
        const { planSequence } = info
        acks.length = 0
        const frames = [
          latitudeFrame({ planSequence, degrees: POINT.latitude }),
          longitudeFrame({ planSequence, degrees: POINT.longitude }),
          progressFrame({ planSequence, step: 'code-sent' }),
          infoFrame(info),
        ]
        for (const frame of frames) {
          for (const changed of change(protection.protect(frame))) await tBox.send(changed)
        }
        // Of lower priority than an answer: when it is out, so is every answer to what came before it.
        await tBox.send({ id: 0x7fe, extended: false, data: new Uint8Array(0) })
        time.pass(cycleMs)
        return [...acks]
      },
      faults: () =>
        events
          .filter(({ event }) => event.startsWith('e2e-') && event !== 'e2e-state')
          .map(({ event }) => event),
    })
  } finally {
    labels.close()
    await headUnit.close()
    assert.equal(time.waiting, 0, 'deadlines are left behind')
    await can.close()
  }
}

/** A plan that is on the screen. */
async function withPlan(run: (bench: Bench) => Promise<void>): Promise<void> {
  await withHeadUnit(async (bench) => {
    await bench.sendLabel()
    await bench.cycle()
    assert.deepEqual(await bench.cycle(), ['shown'])
    bench.events.length = 0
    await run(bench)
  })
}

const only =
  (id: number, change: (frame: CanFrame) => CanFrame[]) =>
  (frame: CanFrame): CanFrame[] =>
    frame.id === id ? change(frame) : [frame]
const flipped = (frame: CanFrame): CanFrame => {
  const data = frame.data.slice()
  data[data.length - 1] = (data[data.length - 1] as number) ^ 0x20
  return { ...frame, data }
}

test('a plan that came whole is displayed from its second cycle on, and only then acknowledged', async () => {
  await withHeadUnit(async ({ headUnit, sendLabel, cycle, faults }) => {
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    const before = headUnit.picture()
    await sendLabel()
    assert.deepEqual(await cycle(), ['not-valid'])
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    assert.deepEqual(await cycle(), ['shown'])
    assert.deepEqual(headUnit.screen(), {
      shows: 'plan',
      planSequence: 1,
      bayId: 'B-17',
      label: '东区 17 号车位',
      walkMetres: 230,
      etaMinutes: 3,
      pricePerHourFen: 600,
      state: 'reserved',
      unlockStep: 'code-sent',
      position: POINT,
    })
    assert.equal(headUnit.picture().subarray(0, 8).toString('hex'), PNG_SIGNATURE)
    assert.ok(!headUnit.picture().equals(before))
    assert.deepEqual(faults(), [])
    assert.deepEqual(
      headUnit.health().map(({ state }) => state),
      ['valid', 'valid', 'valid', 'valid', 'valid'],
    )
  })
})

test('frames without a label show nothing, and the T-BOX is told', async () => {
  await withHeadUnit(async ({ headUnit, cycle }) => {
    await cycle()
    assert.deepEqual(await cycle(), ['label-missing'])
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
  })
})

for (const [what, message, result] of [
  ['latitude', parkingBus.latitude, 'position-missing'],
  ['longitude', parkingBus.longitude, 'position-missing'],
  ['progress', parkingBus.progress, 'progress-missing'],
] as const) {
  test(`a plan without its ${what} is not shown, and the T-BOX is told`, async () => {
    await withHeadUnit(async ({ headUnit, sendLabel, cycle }) => {
      await sendLabel()
      const without = only(message.id, () => [])
      await cycle({}, without)
      assert.deepEqual(await cycle({}, without), [result])
      assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    })
  })
}

const CYCLIC = [parkingBus.latitude, parkingBus.longitude, parkingBus.progress, parkingBus.info]
/** Replays the first frame of each message that it is given. */
function stuck(): (frame: CanFrame) => CanFrame[] {
  const first = new Map<number, CanFrame>()
  return (frame) => {
    if (!first.has(frame.id)) first.set(frame.id, frame)
    return [first.get(frame.id) ?? frame]
  }
}

for (const message of CYCLIC) {
  for (const [what, change, fault] of [
    ['is flipped', (frame) => [flipped(frame)], 'corrupt'],
    ['is lost', () => [], 'missing'],
    ['has a stuck counter', stuck(), 'stuck-counter'],
  ] as const satisfies readonly (readonly [string, (frame: CanFrame) => CanFrame[], string])[]) {
    test(`when ${message.name} ${what} for good, no plan is shown within three cycles, and why is known`, async () => {
      await withPlan(async ({ headUnit, cycle, faults }) => {
        for (let n = 0; n < 4; n++) {
          await cycle({ state: 'unlocked' }, only(message.id, change))
        }
        assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
        assert.ok(faults().includes(`e2e-${fault}`), faults().join(', '))
        assert.ok((headUnit.health().find((one) => one.message === message.name)?.faults[fault] ?? 0) > 0)
        for (let n = 0; n < 4; n++) await cycle({ state: 'unlocked' })
        const screen = headUnit.screen()
        assert.equal(screen.shows === 'plan' && screen.state, 'unlocked')
      })
    })
  }
}

test('a frame that is lost once is told with its loss, and the plan stays', async () => {
  await withPlan(async ({ headUnit, cycle, events, faults }) => {
    await cycle(
      {},
      only(parkingBus.longitude.id, () => []),
    )
    await cycle()
    assert.deepEqual(faults(), ['e2e-late', 'e2e-lost'])
    assert.equal(events.at(-1)?.message, 'ParkingPlanLongitude')
    assert.equal(headUnit.screen().shows, 'plan')
  })
})

test('frames that come twice are told, and the plan stays', async () => {
  await withPlan(async ({ headUnit, cycle, faults }) => {
    for (let n = 0; n < 5; n++)
      await cycle(
        {},
        only(parkingBus.info.id, (frame) => [frame, frame]),
      )
    assert.deepEqual(new Set(faults()), new Set(['e2e-repeated']))
    assert.equal(headUnit.screen().shows, 'plan')
  })
})

test('data of another message are called a masquerade, and whose they are', async () => {
  await withPlan(async ({ headUnit, cycle, events }) => {
    let foreign: CanFrame | undefined
    const change = (frame: CanFrame): CanFrame[] => {
      if (frame.id === parkingBus.latitude.id) foreign = frame
      if (frame.id !== parkingBus.longitude.id || !foreign) return [frame]
      return [{ ...frame, data: foreign.data }]
    }
    for (let n = 0; n < 2; n++) await cycle({}, change)
    const masquerade = events.find(({ event }) => event === 'e2e-masquerade')
    assert.deepEqual(
      [masquerade?.message, masquerade?.dataOf],
      ['ParkingPlanLongitude', 'ParkingPlanLatitude'],
    )
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
  })
})

test('when everything stops, the screen says after three cycles that it has no valid data', async () => {
  await withPlan(async ({ headUnit, time }) => {
    time.pass(2 * cycleMs - 1) // the cycle of the last frame has passed already
    assert.equal(headUnit.screen().shows, 'plan')
    time.pass(1)
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
  })
})

test('a label that is tampered with, or comes a second time, is not used', async () => {
  await withHeadUnit(async ({ headUnit, protection, sendLabel, cycle, faults }) => {
    await sendLabel('东区', (payload) => {
      const tampered = protection.protectLabel(payload)
      tampered[tampered.length - 1] = (tampered[tampered.length - 1] as number) ^ 1
      return tampered
    })
    await cycle()
    assert.deepEqual(await cycle(), ['label-missing'])
    let sent: Uint8Array | undefined
    await sendLabel('西区', (payload) => (sent = protection.protectLabel(payload)))
    await sendLabel('西区', () => sent ?? new Uint8Array(0))
    assert.deepEqual(faults(), ['e2e-corrupt', 'e2e-repeated'])
    assert.deepEqual(await cycle(), ['shown'])
    const screen = headUnit.screen()
    assert.equal(screen.shows === 'plan' && screen.label, '西区')
  })
})

test('frames whose CRC is right but whose content breaks the contract show no stale plan', async () => {
  await withPlan(async ({ headUnit, cycle, events }) => {
    const outlaw = new FrameProtection()
    for (let n = 0; n < 2; n++) outlaw.protect(infoFrame(INFO)) // counters as the T-BOX has them
    const malformed = only(parkingBus.info.id, (frame) => {
      const data = frame.data.slice()
      data[1] = 0xf0
      return [outlaw.protect({ ...frame, data })]
    })
    for (let n = 0; n < 2; n++) await cycle({}, malformed)
    assert.equal(events.filter(({ event }) => event === 'frame-refused').length, 2)
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
  })
})

for (const seed of [1, 2, 3]) {
  test(`whatever happens to single frames, no plan on the screen is older than two cycles (seed ${seed})`, async () => {
    await withPlan(async ({ headUnit, cycle, faults }) => {
      const draws = new Draws(seededRandom(seed))
      const last = new Map<number, CanFrame>()
      const disturb = (frame: CanFrame): CanFrame[] => {
        const before = last.get(frame.id) ?? frame
        last.set(frame.id, frame)
        if (draws.chance(0.6)) return [frame]
        const data = frame.data.slice()
        const bit = draws.below(data.length * 8)
        data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7))
        const { data: foreign } = last.get(draws.pick(CYCLIC).id) ?? frame
        return draws.pick([[], [frame, frame], [before], [{ ...frame, data }], [{ ...frame, data: foreign }]])
      }
      let shown = 0
      await cycle({ pricePerHourFen: 0 })
      for (let n = 1; n <= 150; n++) {
        await cycle({ pricePerHourFen: n }, disturb)
        const screen = headUnit.screen()
        if (screen.shows !== 'plan') continue
        shown++
        assert.ok(
          n - screen.pricePerHourFen <= 2 && screen.pricePerHourFen <= n,
          `${n}: ${JSON.stringify(screen)}`,
        )
        assert.deepEqual([screen.position, screen.unlockStep], [POINT, 'code-sent'])
      }
      assert.ok(shown > 0 && shown < 150, `the plan was shown in ${shown} of 150 cycles`)
      const told = new Set(faults())
      for (const fault of ['corrupt', 'masquerade', 'repeated', 'lost', 'late'])
        assert.ok(told.has(`e2e-${fault}`), fault)
    })
  })
}

test('frames that are for others, or of another length, change nothing', async () => {
  await withPlan(async ({ tBox, headUnit, protection, faults }) => {
    const ack = {
      planSequence: 1,
      shownState: 'ended',
      shownStep: 'ended',
      result: 'shown',
    } as const
    await tBox.send(protection.protect(ackFrame(ack)))
    await tBox.send({ id: 0x7df, extended: false, data: new Uint8Array(8) })
    assert.deepEqual(faults(), [])
    await tBox.send({ id: parkingBus.info.id, extended: false, data: Uint8Array.of(1) })
    assert.deepEqual(faults(), ['e2e-corrupt'])
    assert.equal(headUnit.screen().shows, 'plan')
  })
})
