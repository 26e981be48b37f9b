import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Aedes } from 'aedes'
import { canContractCheck, type CanContractViolation } from '../can/can-contract-check.js'
import { parkingBus } from '../contracts/parking-bus.js'
import { vehicleTopics, type PlanState, type VehicleEvent } from '../contracts/vehicle-link.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import { createMemoryCan, type MemoryCan } from '../../rigs/simulated/memory-can/memory-can.js'
import { startHeadUnit, type HeadUnit } from './head-unit.js'
import { ackFrame } from './parking-frames.js'
import { startTBox } from './t-box.js'
import { VehicleLinkUnavailable } from './vehicle-link-client.js'

const NOW = Date.parse('2026-03-01T08:00:00Z')
const clock: Clock = { now: () => NOW, at: () => () => undefined }
const silent: EventLog = { record: () => undefined }
const TIMING = { cycleMs: 40, ackTimeoutMs: 400, transportTimeoutMs: 100 }
/** How long an event may take before a test fails. */
const EVENT_DEADLINE_MS = 10_000
const CREDENTIAL = { username: 'car-1', password: 'secret' }

interface Vehicle {
  readonly can: MemoryCan
  readonly headUnit: HeadUnit
  readonly violations: CanContractViolation[]
  /** The fields of the next event of that name in the T-BOX's log. */
  readonly onLogged: (event: string) => Promise<Readonly<Record<string, unknown>> | undefined>
  readonly logged: { event: string; fields: Readonly<Record<string, unknown>> | undefined }[]
  /** Publishes to the vehicle as the cloud would. */
  readonly publish: (payload: string) => Promise<void>
  /** The next event of a kind, from now on. */
  readonly nextEvent: (type: VehicleEvent['type']) => Promise<VehicleEvent>
  readonly events: VehicleEvent[]
  /** Cuts the vehicle's connection at the broker. */
  readonly cutLink: () => void
}

async function startBroker() {
  const broker = await Aedes.createBroker({
    authenticate: (_client, username, password, done) =>
      done(null, username === CREDENTIAL.username && password?.toString() === CREDENTIAL.password),
  })
  const server = createServer((socket) => broker.handle(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    broker,
    url: `mqtt://127.0.0.1:${port}`,
    close: async () => {
      await new Promise<void>((resolve) => broker.close(resolve))
      await new Promise<unknown>((resolve) => server.close(resolve))
    },
  }
}

/** @param retained a command that the broker holds since before the vehicle came */
async function withVehicle(run: (vehicle: Vehicle) => Promise<void>, retained?: string): Promise<void> {
  const { broker, url, close } = await startBroker()
  const publish = (payload: string, retain = false) =>
    new Promise<void>((resolve, reject) =>
      broker.publish(
        { cmd: 'publish', topic: vehicleTopics.commands('car-1'), payload, qos: 1, retain, dup: false },
        (error) => (error ? reject(error) : resolve()),
      ),
    )
  let cut: (() => void) | undefined
  broker.on('client', (client) => (cut = () => client.close()))
  if (retained !== undefined) await publish(retained, true)
  const can = createMemoryCan()
  const violations: CanContractViolation[] = []
  const check = canContractCheck(parkingBus.database, parkingBus.isoTpIds, parkingBus.protections)
  can.tap((frame, sender) => {
    const violation = check(frame, sender)
    if (violation) violations.push(violation)
  })
  const events: VehicleEvent[] = []
  const waiting = new Set<(event: VehicleEvent) => void>()
  await new Promise<void>((resolve) =>
    broker.subscribe(
      vehicleTopics.events('car-1'),
      (packet, done) => {
        const event = JSON.parse(packet.payload.toString()) as VehicleEvent
        events.push(event)
        for (const listener of [...waiting]) listener(event)
        done()
      },
      () => resolve(),
    ),
  )
  const logged: Vehicle['logged'] = []
  const hearing = new Set<(event: string, fields?: Readonly<Record<string, unknown>>) => void>()
  const headUnit = await startHeadUnit({ timing: TIMING }, { bus: can.join('HEAD_UNIT'), log: silent })
  let ids = 0
  const tBox = await startTBox(
    { vehicleId: 'car-1', broker: { url, ...CREDENTIAL }, timing: TIMING },
    {
      bus: can.join('T_BOX'),
      clock,
      log: {
        record: (event, fields) => {
          logged.push({ event, fields })
          for (const hear of [...hearing]) hear(event, fields)
        },
      },
      newId: () => `event-${++ids}`,
    },
  )
  try {
    await run({
      can,
      headUnit,
      violations,
      logged,
      onLogged: (wanted) =>
        new Promise((resolve, reject) => {
          const deadline = setTimeout(() => reject(new Error(`no ${wanted} was logged`)), EVENT_DEADLINE_MS)
          const hear = (event: string, fields?: Readonly<Record<string, unknown>>) => {
            if (event !== wanted) return
            clearTimeout(deadline)
            hearing.delete(hear)
            resolve(fields)
          }
          hearing.add(hear)
        }),
      events,
      publish,
      cutLink: () => cut?.(),
      nextEvent: (type) =>
        new Promise((resolve, reject) => {
          const deadline = setTimeout(() => reject(new Error(`no ${type} came`)), EVENT_DEADLINE_MS)
          const listener = (event: VehicleEvent) => {
            if (event.type !== type) return
            clearTimeout(deadline)
            waiting.delete(listener)
            resolve(event)
          }
          waiting.add(listener)
        }),
    })
  } finally {
    await tBox.close()
    await tBox.close()
    await headUnit.close()
    await can.close()
    await close()
  }
}

let commandIds = 0
const envelope = () => ({
  id: `command-${++commandIds}`,
  issuedAt: new Date(NOW).toISOString(),
  expiresAt: new Date(NOW + 30_000).toISOString(),
  correlationId: 'reservation-1',
})
const showPlan = (changes: object = {}) =>
  JSON.stringify({
    ...envelope(),
    type: 'show-plan',
    planId: 'plan-1',
    bayId: 'B-17',
    label: '地下二层东区 17 号车位',
    location: { latitude: 31.2304161, longitude: 121.4737019 },
    walkMetres: 230,
    pricePerHourFen: 600,
    state: 'planned',
    ...changes,
  })
const planState = (state: PlanState, planId = 'plan-1') =>
  JSON.stringify({ ...envelope(), type: 'plan-state', planId, state })

test('a plan of the cloud is on the head unit before the cloud hears that it is shown', async () => {
  await withVehicle(async ({ headUnit, violations, events, publish, nextEvent }) => {
    assert.deepEqual(
      events.map(({ type }) => type),
      ['born'],
    )
    const shown = nextEvent('plan-shown')
    await publish(showPlan())
    const { planId, state, correlationId } = await shown
    assert.deepEqual([planId, state, correlationId], ['plan-1', 'planned', 'reservation-1'])
    const screen = headUnit.screen()
    assert.ok(screen.shows === 'plan')
    assert.equal(screen.label, '地下二层东区 17 号车位')
    assert.deepEqual(
      [screen.position.latitude, screen.position.longitude, screen.walkMetres, screen.pricePerHourFen],
      [31.2304161, 121.4737019, 230, 600],
    )
    assert.deepEqual(violations, [])
  })
})

test('the time of the walk and the step of the unlocking come to the screen, as far as the cloud tells them', async () => {
  await withVehicle(async ({ headUnit, publish, nextEvent }) => {
    const shownAfter = async (payload: string) => {
      const shown = nextEvent('plan-shown')
      await publish(payload)
      await shown
      const screen = headUnit.screen()
      assert.ok(screen.shows === 'plan')
      return [screen.etaMinutes, screen.state, screen.unlockStep]
    }
    assert.deepEqual(await shownAfter(showPlan()), [undefined, 'planned', 'requested'])
    assert.deepEqual(await shownAfter(showPlan({ etaMinutes: 3 })), [3, 'planned', 'requested'])
    assert.deepEqual(await shownAfter(planState('reserved')), [3, 'reserved', 'accepted'])
    const sent = {
      ...envelope(),
      type: 'plan-state',
      planId: 'plan-1',
      state: 'reserved',
      unlockStep: 'code-sent',
    }
    assert.deepEqual(await shownAfter(JSON.stringify(sent)), [3, 'reserved', 'code-sent'])
  })
})

test('acknowledgements that are tampered with are not believed, and named', async () => {
  await withVehicle(async ({ can, logged, publish, nextEvent }) => {
    // A liar on the bus, who knows the frame but not its protection.
    const liar = can.join('HEAD_UNIT')
    can.dropTo('T_BOX', ({ id, data }) => id === parkingBus.ack.id && data[0] !== 0)
    liar.onFrame(({ id }) => {
      if (id !== parkingBus.info.id) return
      const lie = { planSequence: 1, shownState: 'planned', shownStep: 'requested', result: 'shown' } as const
      void liar.send(ackFrame(lie)).catch(() => undefined)
    })
    const failed = nextEvent('plan-failed')
    await publish(showPlan())
    assert.equal((await failed).reason, 'no-answer')
    const faults = logged.filter(({ fields }) => fields?.['message'] === 'HeadUnitAck')
    assert.ok(faults.some(({ event }) => event === 'e2e-corrupt'))
  })
})

test('a head unit that stops to acknowledge is missed, by name', async () => {
  await withVehicle(async ({ can, onLogged, publish, nextEvent }) => {
    const shown = nextEvent('plan-shown')
    await publish(showPlan())
    await shown
    const missing = onLogged('e2e-missing')
    can.dropTo('T_BOX', ({ id }) => id === parkingBus.ack.id)
    assert.equal((await missing)?.['message'], 'HeadUnitAck')
  })
})

test('states follow, and a second plan takes the first one’s place', async () => {
  await withVehicle(async ({ headUnit, publish, nextEvent }) => {
    for (const payload of [showPlan(), planState('reserved'), planState('unlocked')]) {
      const shown = nextEvent('plan-shown')
      await publish(payload)
      await shown
    }
    const unlocked = headUnit.screen()
    assert.equal(unlocked.shows === 'plan' && unlocked.state, 'unlocked')
    const shown = nextEvent('plan-shown')
    await publish(showPlan({ planId: 'plan-2', bayId: 'B-18', label: '西区', walkMetres: 5 }))
    assert.equal((await shown).planId, 'plan-2')
    const second = headUnit.screen()
    assert.ok(second.shows === 'plan')
    assert.deepEqual([second.label, second.walkMetres, second.state], ['西区', 5, 'planned'])
  })
})

for (const [what, ids, reason] of [
  ['the label', [parkingBus.labelTransport.id], 'label-not-delivered'],
  ['latitudes', [parkingBus.latitude.id], 'position-missing'],
  ['longitudes', [parkingBus.longitude.id], 'position-missing'],
  ['progress', [parkingBus.progress.id], 'progress-missing'],
  ['infos', [parkingBus.info.id], 'no-answer'],
] as const) {
  test(`a head unit that loses ${what} shows no plan, and the cloud is told why`, async () => {
    await withVehicle(async ({ can, headUnit, publish, nextEvent }) => {
      can.dropTo('HEAD_UNIT', ({ id }) => ids.some((lost) => lost === id))
      const failed = nextEvent('plan-failed')
      await publish(showPlan())
      assert.equal((await failed).reason, reason)
      assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    })
  })
}

test('a plan whose acknowledgement is lost is taken back', async () => {
  await withVehicle(async ({ can, headUnit, publish, nextEvent }) => {
    can.dropTo('T_BOX', ({ id }) => id === parkingBus.ack.id)
    const screens: string[] = []
    const gone = new Promise<void>((resolve) =>
      headUnit.onChange(({ shows }) => {
        screens.push(shows)
        if (screens.length === 2) resolve()
      }),
    )
    const failed = nextEvent('plan-failed')
    await publish(showPlan())
    assert.equal((await failed).reason, 'no-answer')
    await gone
    assert.deepEqual(screens, ['plan', 'no-valid-data'])
  })
})

test('repeated, expired and malformed commands move nothing', async () => {
  await withVehicle(async ({ headUnit, logged, publish, nextEvent }) => {
    const first = showPlan()
    let shown = nextEvent('plan-shown')
    await publish(first)
    await shown
    const failed = nextEvent('plan-failed')
    await publish(first)
    await publish('{"type":')
    await publish(showPlan({ label: '' }))
    await publish(showPlan({ label: '迟到', expiresAt: new Date(NOW).toISOString() }))
    assert.equal((await failed).reason, 'expired')
    const screen = headUnit.screen()
    assert.equal(screen.shows === 'plan' && screen.label, '地下二层东区 17 号车位')
    const refusals = logged
      .filter(({ event }) => event === 'command-refused')
      .map(({ fields }) => fields?.['reason'])
    assert.deepEqual(refusals, ['repeated', 'malformed', 'malformed', 'expired'])
    shown = nextEvent('plan-shown')
    await publish(planState('reserved'))
    await shown
  })
})

test('a command that the broker kept from before moves nothing', async () => {
  await withVehicle(async ({ headUnit, logged, publish, nextEvent }) => {
    const failed = nextEvent('plan-failed')
    await publish(planState('reserved'))
    assert.equal((await failed).reason, 'unknown-plan')
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    const refusal = logged.find(({ event }) => event === 'command-refused')
    assert.equal(refusal?.fields?.['reason'], 'retained')
  }, showPlan())
})

test('a vehicle that was cut off comes back, says so, and takes commands again', async () => {
  await withVehicle(async ({ headUnit, publish, nextEvent, cutLink }) => {
    const bornAgain = nextEvent('born')
    cutLink()
    await bornAgain
    const shown = nextEvent('plan-shown')
    await publish(showPlan())
    await shown
    assert.equal(headUnit.screen().shows, 'plan')
  })
})

test('a state of a plan that is not shown fails by name', async () => {
  await withVehicle(async ({ publish, nextEvent }) => {
    const failed = nextEvent('plan-failed')
    await publish(planState('parked', 'plan-9'))
    assert.equal((await failed).reason, 'unknown-plan')
  })
})

test('a wrong credential is a named error', async () => {
  const { url, close } = await startBroker()
  const can = createMemoryCan()
  await assert.rejects(
    startTBox(
      { vehicleId: 'car-1', broker: { url, username: 'car-1', password: 'wrong' } },
      { bus: can.join('T_BOX'), clock, log: silent, newId: () => 'id' },
    ),
    VehicleLinkUnavailable,
  )
  await can.close()
  await close()
})

test('a broker that is not there is a named error', async () => {
  const can = createMemoryCan()
  await assert.rejects(
    startTBox(
      { vehicleId: 'car-1', broker: { url: 'mqtt://127.0.0.1:1', ...CREDENTIAL }, connectTimeoutMs: 50 },
      { bus: can.join('T_BOX'), clock, log: silent, newId: () => 'id' },
    ),
    VehicleLinkUnavailable,
  )
  await can.close()
})
