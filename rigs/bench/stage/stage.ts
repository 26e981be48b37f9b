import type { LockEvent, LockStatus } from '../../../reference/contracts/lock-link.js'
import type { Alert, Reservation, ReservationRequest } from '../../../reference/contracts/platform-api.js'
import type { VehicleEvent } from '../../../reference/contracts/vehicle-link.js'
import { gcj02, type Gcj02Point } from '../../../reference/domain/coordinates.js'
import type { BayId } from '../../../reference/domain/identifiers.js'
import type { Decode } from '../../../reference/ports/decoder.js'
import type { RigClock } from '../business-clock.js'
import { alertMark } from '../external/alert-mark.js'
import { Driver } from '../people/driver.js'
import type { PhoneLine } from '../people/phone-line.js'
import { PlatformRefused, type PlatformClient } from '../people/platform-client.js'
import type { BayProfile, RunSecrets } from '../profile-schema.js'
import { RigFault } from '../rig-errors.js'
import type { EarlierEvents } from '../wires/earlier-events.js'
import type { HttpTap } from '../wires/http-tap.js'
import type { WireLog, WireMessage } from '../wires/wire-log.js'
import type { Car } from './car.js'
import type { LockStation } from './lock-station.js'
import type { PartyWires } from './party-wires.js'
import { drawQrCode, readPicture } from './pictures.js'

/** How long a hold lasts where parties are the bench's own, seconds of business time. */
export const HOLD_SECONDS = 900
/** docs/external-parties.md: by then a reservation whose hold ran out has ended, milliseconds. */
const LONGEST_GRACE_MS = 60_000
export const UNLOCK_GRACE_SECONDS = 10

const METRES_PER_DEGREE_NORTH = 111_195

export interface StageParts {
  readonly clock: RigClock
  readonly wires: WireLog
  readonly earlierEvents: EarlierEvents
  /** Marks of the alerts that the platform had when the scenario began. */
  readonly alertsBefore: ReadonlySet<string>
  readonly bays: readonly BayProfile[]
  readonly vehicleId: string
  readonly phones: PhoneLine
  readonly operator: PlatformClient
  readonly cloudDesk: PlatformClient
  readonly platformTap: HttpTap
  readonly partyWires: PartyWires
  readonly secrets: RunSecrets
  readonly car: Car
  readonly stations: ReadonlyMap<BayId, LockStation>
  readonly newId: () => string
}

/** The parties of one scenario, as its steps use them: over their public wires, and with the bench's instruments. */
export class Stage {
  readonly #drivers: Driver[] = []

  constructor(private readonly parts: StageParts) {}

  get clock(): RigClock {
    return this.parts.clock
  }
  get phones(): PhoneLine {
    return this.parts.phones
  }
  /** The parking platform as its operator sees it. */
  get operator(): PlatformClient {
    return this.parts.operator
  }
  /** The parking platform as a cloud sees it. */
  get cloudDesk(): PlatformClient {
    return this.parts.cloudDesk
  }
  /** The wires between the parties, to be disturbed. */
  get partyWires(): PartyWires {
    return this.parts.partyWires
  }
  get wires(): WireLog {
    return this.parts.wires
  }
  /** The credentials of this run: for requests of the bench's own. */
  get secrets(): RunSecrets {
    return this.parts.secrets
  }
  get car(): Car {
    return this.parts.car
  }
  get bays(): readonly BayProfile[] {
    return this.parts.bays
  }
  get drivers(): readonly Driver[] {
    return this.#drivers
  }

  newId(): string {
    return this.parts.newId()
  }

  bay(bay: BayId): BayProfile {
    const found = this.parts.bays.find(({ bayId }) => bayId === bay)
    if (!found) throw new RigFault(`the profile of this rig has no bay ${bay}`)
    return found
  }

  lockAt(bay: BayId): LockStation {
    const station = this.parts.stations.get(bay)
    if (!station)
      throw new RigFault(`bay ${bay} has no board on this rig: it cannot be shown a code or moved by hand`)
    return station
  }

  async newDriver(device: 'phone' | 'tablet'): Promise<Driver> {
    const driver = await Driver.create(this.parts.phones, device)
    this.#drivers.push(driver)
    this.parts.wires.addUser(driver.openid)
    return driver
  }

  /** A driver who follows the account by the code that the car shows, which binds the two. */
  async driverInCar(device: 'phone' | 'tablet'): Promise<Driver> {
    const driver = await this.newDriver(device)
    await driver.follow(this.parts.vehicleId)
    return driver
  }

  /** Where WeChat's map shows a bay: as the profile has it, never by the product's own conversion. */
  mapPosition(bay: BayId): Gcj02Point {
    const { latitude, longitude } = this.bay(bay).onMap
    return gcj02(latitude, longitude)
  }

  /** A position north of a bay, WGS-84. */
  northOf(bay: BayId, metres: number): { latitude: number; longitude: number } {
    const { latitude, longitude } = this.bay(bay).location
    return { latitude: latitude + metres / METRES_PER_DEGREE_NORTH, longitude }
  }

  /** What a cloud asks for a bay, with the bay's own coordinates. */
  request(bay: BayId): ReservationRequest {
    return { bayId: bay, location: this.bay(bay).location, userRef: this.newId(), symbology: 'qr' }
  }

  /** The driver asks for a bay by its number, and has the code when this resolves; so has the lock. */
  async reserve(driver: Driver, bay: BayId): Promise<void> {
    const stored = this.lockEvents('code-stored', bay).length
    await driver.writes(`预约 ${bay}`)
    await driver.receivesCode()
    await this.parts.wires.seen(
      `the lock of ${bay} storing the code`,
      () => this.lockEvents('code-stored', bay).length > stored,
    )
  }

  async showCode(driver: Driver, bay: BayId): Promise<void> {
    await this.lockAt(bay).isShown(await driver.codePicture(), driver.device)
  }

  async openWithCode(driver: Driver, bay: BayId): Promise<void> {
    await this.showCode(driver, bay)
    await this.lockAt(bay).reaches('down')
    await this.lockSays(bay, 'bolt-changed', ({ bolt }) => bolt === 'down')
  }

  /** What the platform has alerted its operator to in this scenario. */
  async alerts(): Promise<readonly Alert[]> {
    return (await this.operator.alerts()).filter((alert) => !this.parts.alertsBefore.has(alertMark(alert)))
  }

  /** The car drives in; resolves when the platform has been told. */
  async park(bay: BayId): Promise<void> {
    await this.lockAt(bay).vehicleArrives()
    await this.lockSays(bay, 'occupancy-changed', ({ occupied }) => occupied)
    await this.lockAt(bay).fence()
  }

  /** An operator closes the bay, whatever its reservation. */
  async closeByOperator(bay: BayId): Promise<void> {
    await this.operator.command(this.bay(bay).lockId, { type: 'lock' })
    await this.lockAt(bay).reaches('up')
  }

  /** Ends what the scenario has reserved and not ended itself, as the operator can. */
  async endReservations(): Promise<void> {
    const orders = this.parts.wires.all(({ wire, name }) => wire === 'lock' && name === 'reserve')
    const reserved = orders.map(({ body }) => (body as { reservationId: string }).reservationId)
    for (const reservationId of new Set(reserved)) {
      await this.operator.endReservation(reservationId).catch((error: unknown) => {
        if (!(error instanceof PlatformRefused && error.status === 409)) throw error // 409: it was over
      })
    }
  }

  /** The last hold that the platform has granted runs out, by its own `expiresAt`, and its reservation has ended. */
  async holdRunsOut(): Promise<void> {
    const granted = this.answersToReservations().map(({ body }) =>
      Date.parse((body as Reservation).expiresAt),
    )
    const end = granted.length > 0 ? Math.max(...granted) : this.clock.now() + HOLD_SECONDS * 1_000
    await this.clock.advance(Math.max(0, end - this.clock.now()) + LONGEST_GRACE_MS)
  }

  /** Every reservation request that comes now waits for the others: the race is certain. */
  raceForReservation(drivers: number): void {
    this.parts.platformTap.gather(
      drivers,
      ({ method, path }) => method === 'POST' && path === '/v1/reservations',
    )
  }

  requestsForReservations(): WireMessage[] {
    return this.parts.wires.all(({ wire, name }) => wire === 'platform' && name === 'POST /v1/reservations')
  }

  /** Reservations that the platform has granted. */
  answersToReservations(): WireMessage[] {
    return this.parts.wires.all(
      ({ wire, name }) => wire === 'platform' && name === '201 to POST /v1/reservations',
    )
  }

  /** What locks have said in this scenario; what one says again, such as after a loss of the link, counts once. */
  lockEvents(): LockEvent[]
  lockEvents<Type extends LockEvent['type']>(type: Type, bay?: BayId): Extract<LockEvent, { type: Type }>[]
  lockEvents(type?: LockEvent['type'], bay?: BayId): LockEvent[] {
    const said = this.parts.wires
      .all((message) => message.name !== 'status' && this.isFromLock(message, bay, type))
      .map(({ body }) => body as LockEvent)
    const first = new Map(said.map((event) => [event.id, event] as const).reverse())
    return said.filter((event) => first.get(event.id) === event)
  }

  /** The first such event of a lock in this scenario. @throws WireSilent */
  async lockSays<Type extends LockEvent['type']>(
    bay: BayId | undefined,
    type: Type,
    matches: (event: Extract<LockEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<LockEvent, { type: Type }>> {
    const message = await this.parts.wires.seen(
      `${type} from the lock of ${bay ?? 'any bay'}`,
      (message) =>
        this.isFromLock(message, bay, type) && matches(message.body as Extract<LockEvent, { type: Type }>),
    )
    return message.body as Extract<LockEvent, { type: Type }>
  }

  /** The first status of a lock, from now on or the last before, that matches. @throws WireSilent */
  async lockStatus(bay: BayId, matches: (status: LockStatus) => boolean): Promise<LockStatus> {
    const isStatus = (message: WireMessage) => message.name === 'status' && this.isFromLock(message, bay)
    const last = this.parts.wires.all(isStatus).at(-1)?.body as LockStatus | undefined
    if (last && matches(last)) return last
    const known = new Set(this.parts.wires.all(isStatus))
    const message = await this.parts.wires.seen(
      `a status of the lock of ${bay}`,
      (message) => !known.has(message) && isStatus(message) && matches(message.body as LockStatus),
      30_000,
    )
    return message.body as LockStatus
  }

  async lockWasSent(bay: BayId, type: string): Promise<void> {
    const topic = `locks/${this.bay(bay).lockId}/commands`
    await this.parts.wires.seen(
      `the command ${type} to the lock of ${bay}`,
      ({ wire, name, body }) =>
        wire === 'lock' && name === type && (body as { topic: string }).topic === topic,
    )
  }

  /** Resolves when the platform counts the lock as offline. */
  async untilOffline(bay: BayId): Promise<void> {
    await this.lockStatus(bay, ({ online }) => !online)
  }

  /** Resolves when the reservation is over and the bolt guards the bay again. */
  async untilFree(bay: BayId): Promise<void> {
    await this.parts.wires.seen(
      `the end of the reservation of ${bay}`,
      ({ wire, name, body }) =>
        wire === 'lock' &&
        name === 'cancel' &&
        (body as { topic: string }).topic === `locks/${this.bay(bay).lockId}/commands`,
    )
    await this.lockAt(bay).reaches('up')
    await this.lockAt(bay).fence()
  }

  async tBoxSays(type: VehicleEvent['type']): Promise<void> {
    await this.parts.wires.seen(
      `${type} from the T-BOX`,
      ({ wire, name }) => wire === 'vehicle' && name === type,
    )
  }

  vehicleEvents(type: VehicleEvent['type']): VehicleEvent[] {
    const events = this.parts.wires.all(({ wire, name }) => wire === 'vehicle' && name === type)
    return events.map(({ body }) => body as VehicleEvent)
  }

  /** Deliveries of a kind of message from WeChat to the cloud, repeated ones included. */
  pushes(msgType: string): WireMessage[] {
    return this.parts.wires.all(
      ({ wire, name, body }) =>
        wire === 'push' &&
        name === 'POST /wechat' &&
        typeof body === 'string' &&
        body.includes(`[${msgType}]`),
    )
  }

  /** What the cloud answered to those deliveries. */
  answersToPushes(msgType: string): WireMessage[] {
    const asked = new Set(this.pushes(msgType).map(({ correlationId }) => correlationId))
    return this.parts.wires.all(
      ({ wire, from, name, correlationId }) =>
        wire === 'push' && from === 'cloud' && name.endsWith(' to POST /wechat') && asked.has(correlationId),
    )
  }

  /** The account shows its menu to a user: WeChat has it from before, or the cloud publishes it now. @throws WireSilent */
  async menuPublished({ openid }: Driver): Promise<void> {
    if (await this.parts.phones.hasMenu(openid)) return
    await this.parts.wires.seen(
      "the account's menu",
      ({ wire, name }) => wire === 'api' && name === '200 to POST /cgi-bin/menu/create',
    )
  }

  /** Resolves when no push, no webhook and no command is on its way any more. */
  async settled(): Promise<void> {
    await this.parts.phones.settled()
  }

  readPicture(picture: Buffer): Promise<Decode | undefined> {
    return readPicture(picture)
  }

  qrCodeOf(text: string): Promise<Buffer> {
    return drawQrCode(text)
  }

  private isFromLock(message: WireMessage, bay?: BayId, type?: string): boolean {
    const { wire, from, name, body } = message
    if (wire !== 'lock' || from !== 'lock' || (type !== undefined && name !== type)) return false
    if (this.parts.earlierEvents.has(message)) return false
    const { topic } = body as { topic: string }
    return bay === undefined || topic.startsWith(`locks/${this.bay(bay).lockId}/`)
  }
}
