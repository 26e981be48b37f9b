import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parkingBus } from '../contracts/parking-bus.js'
import { createMemoryCan } from '../../rigs/simulated/memory-can/memory-can.js'
import {
  clock,
  CREDENTIAL,
  envelope,
  NOW,
  planState,
  showPlan,
  silent,
  startBroker,
  withVehicle,
} from './fixtures/vehicle-bench.js'
import { ackFrame } from './parking-frames.js'
import { startTBox } from './t-box.js'
import { VehicleLinkUnavailable } from './vehicle-link-client.js'

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

test('a command that comes again is answered again, and shows nothing again', async () => {
  await withVehicle(async ({ events, onLogged, publish, nextEvent }) => {
    const plan = showPlan()
    const shown = nextEvent('plan-shown')
    await publish(plan)
    const { commandId } = await shown
    assert.equal(commandId, (JSON.parse(plan) as { id: string }).id)
    const refused = onLogged('command-refused')
    const again = nextEvent('plan-shown')
    await publish(plan)
    assert.equal((await refused)?.['reason'], 'repeated')
    assert.equal((await again).commandId, commandId)
    const ids = events.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
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
