import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { LockCommand, LockEventBody } from '../../../reference/contracts/lock-link.js'
import type { Alert, Reservation, Space } from '../../../reference/contracts/platform-api.js'
import { PlatformRig } from '../platform/platform-rig.js'
import { ReservationDriver } from '../platform/reservation-driver.js'
import { resultOf, type ScriptedLock } from '../platform/scripted-lock.js'
import { openTestStore } from '../test-store.js'
import { pageTable, words } from './page-tables.js'

const HOLD_AND_GRACE_MS = 960_000

/** What a lock says, by the words of the page. */
function lockMessage(cell: string, reservationId: string): LockEventBody {
  const [, type = '', detail = ''] = /^`([\w-]+)` ?(\w*)/.exec(cell) ?? []
  switch (type) {
    case 'reservation-accepted':
      return { type, reservationId, comparatorReading: 'preset', distanceMetres: 1 }
    case 'reservation-refused':
      return { type, reservationId, reason: 'coordinates-differ', distanceMetres: 500 }
    case 'unlock-code-requested':
    case 'code-stored':
      return { type, reservationId }
    case 'code-scanned':
      return { type, verdict: detail as 'fresh', symbology: 'qr' }
    case 'bolt-changed':
      return { type, bolt: detail as 'down', ...(cell.includes('with reservationId') && { reservationId }) }
    case 'occupancy-changed':
      return { type, occupied: detail === 'true', reservationId }
    case 'fault':
      return { type, fault: detail as 'jammed' }
    case 'gps-fix':
      return { type, location: { latitude: 31.2304, longitude: 121.4737 }, hdop: 0.9 }
    default:
      throw new Error(`the page has a message that this test does not know: ${cell}`)
  }
}

/** A platform with a lock, and what has gone out of it since the last look. */
class Played {
  #webhooks = 0
  #commands = 0

  private constructor(
    readonly rig: PlatformRig,
    readonly lock: ScriptedLock,
    readonly driver: ReservationDriver,
  ) {}

  static async start(): Promise<Played> {
    const rig = await PlatformRig.start(await openTestStore())
    const lock = await rig.lock('L-17')
    await lock.report({ occupied: false })
    await rig.log.next(({ event, fields }) => event === 'bay-occupancy' && fields['bayId'] === 'B-17')
    return new Played(rig, lock, new ReservationDriver(rig, lock))
  }

  async says(message: LockEventBody): Promise<void> {
    const id = await this.lock.say(message)
    await this.rig.log.next(({ event, fields }) => event === 'lock-event' && fields['eventId'] === id)
  }

  /** Takes a command as a lock does, which answers each. */
  async takeCommand(type: string): Promise<LockCommand> {
    const came = await this.lock.commands.next((sent) => sent.type === type)
    await this.says(resultOf(came.id))
    return came
  }

  /** Types in order; one that is sent again for want of an answer has the same id. */
  #distinctCommands(): string[] {
    const byId = new Map(this.lock.commands.all.map(({ id, type }) => [id, type] as const))
    return [...byId.values()]
  }

  /** What came until now is held against the page elsewhere. */
  forget(): void {
    this.#webhooks = this.rig.cloud.deliveries.all.length
    this.#commands = this.#distinctCommands().length
  }

  async space(): Promise<Space> {
    return (await this.rig.request<Space>('GET', '/v1/spaces/B-17')).body
  }

  async stateOf(id: string): Promise<string> {
    return (await this.rig.request<Reservation>('GET', `/v1/reservations/${id}`)).body.state
  }

  /** Waits for what must come, and holds all that came against it. */
  async sent(webhooks: readonly string[], commands: readonly string[], where: string): Promise<void> {
    const { deliveries } = this.rig.cloud
    for (const type of webhooks) await deliveries.next(({ event }) => event.type === type)
    for (const command of commands) {
      const [type, reason] = command.split(/ \(|\)/)
      const came = await this.takeCommand(type ?? '')
      if (reason) assert.equal((came as { reason?: string }).reason, reason, where)
    }
    const cameWebhooks = deliveries.all.slice(this.#webhooks).map(({ event }) => event.type)
    const cameCommands = this.#distinctCommands().slice(this.#commands)
    this.#webhooks += cameWebhooks.length
    this.#commands += cameCommands.length
    assert.deepEqual(cameWebhooks, webhooks, where)
    assert.deepEqual(
      cameCommands,
      commands.map((command) => command.split(' ')[0]),
      where,
    )
  }
}

describe('the messages of docs/external-parties.md are those of the reference platform', () => {
  let played: Played
  before(async () => (played = await Played.start()))
  after(() => played.rig.close())

  it('a stay', async () => {
    let reservationId = ''
    for (const row of pageTable('A stay, message by message')) {
      const message = row['Message to the platform'] ?? ''
      if (message.startsWith('`POST')) {
        const { status, body } = await played.driver.reserve()
        assert.equal(status, 201)
        reservationId = body.reservationId
      } else {
        await played.says(lockMessage(message, reservationId))
      }
      await played.sent(words(row['Webhook to the cloud']), words(row['Command to the lock']), message)
      const { reservation, occupancy, bolt } = await played.space()
      assert.deepEqual(
        [reservation, occupancy, bolt],
        words(row['Space: reservation, occupancy, bolt']),
        message,
      )
      assert.equal(await played.stateOf(reservationId), row['Reservation'], message)
    }
  })

  it('other ends', async () => {
    const { driver, rig } = played
    for (const row of pageTable('Other ends')) {
      const { From: from = '', 'What happens': what = '' } = row
      await rig.request('PUT', '/v1/operator/bays/B-17/service', { body: { inService: true } })
      await played.says({ type: 'bolt-changed', bolt: 'up' })
      const { reservationId } = (await driver.reserve()).body
      await played.takeCommand('reserve')
      for (const step of from === 'held' ? [] : pageTable('A stay, message by message').slice(1)) {
        await played.says(lockMessage(step['Message to the platform'] ?? '', reservationId))
        for (const type of words(step['Webhook to the cloud'])) {
          await rig.cloud.deliveries.next(
            ({ event }) => event.type === type && event.reservationId === reservationId,
          )
        }
        for (const command of words(step['Command to the lock'])) await played.takeCommand(command)
        if (step['Reservation'] === from) break
      }
      played.forget()
      if (what.startsWith('`DELETE /v1/operator')) {
        await rig.request('DELETE', `/v1/operator/reservations/${reservationId}`)
      } else if (what.startsWith('`DELETE')) await rig.request('DELETE', `/v1/reservations/${reservationId}`)
      else if (what.startsWith('`PUT')) {
        await rig.request('PUT', '/v1/operator/bays/B-17/service', { body: { inService: false } })
      } else if (what === 'the hold runs out') rig.clock.advance(HOLD_AND_GRACE_MS)
      else await played.says(lockMessage(what, reservationId))
      await played.sent(words(row['Webhook to the cloud']), words(row['Command to the lock']), what)
      assert.equal(await played.stateOf(reservationId), row['Reservation'], what)
    }
  })

  it('what the operator sees', async () => {
    const { rig, lock } = played
    for (const row of pageTable('What the operator sees')) {
      const message = row['Message of the lock'] ?? ''
      // So that no alert counts up one that was there before.
      rig.clock.advance(4_000_000)
      const known = (await rig.request<{ alerts: Alert[] }>('GET', '/v1/operator/alerts')).body.alerts
      if (message.startsWith('status')) {
        await lock.report({ online: false, bolt: 'unknown' })
        await rig.log.next(({ event, fields }) => event === 'alert' && fields['kind'] === 'lock-offline')
      } else {
        await lock.report()
        await played.says(lockMessage(message, 'R-none'))
      }
      const { alerts } = (await rig.request<{ alerts: Alert[] }>('GET', '/v1/operator/alerts')).body
      const raised = alerts.filter(({ alertId }) => !known.some((old) => old.alertId === alertId))
      assert.deepEqual(
        raised.map(({ kind }) => kind),
        words(row['Alert']),
        message,
      )
      const [detail] = words(row['Detail begins with'])
      if (detail) assert.ok(raised[0]?.detail?.startsWith(detail), message)
      assert.equal((await played.space()).lockHealth, row['Space: lockHealth'], message)
    }
  })
})
