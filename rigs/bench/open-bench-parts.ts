import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { partySpeaks } from '../evidence/party-speaks.js'
import { runRedactionKey, createRedactor, type Redactor } from '../evidence/redaction.js'
import { openTimeline, type Timeline } from '../evidence/timeline.js'
import type { BenchParts } from './bench-parts.js'
import { openRigEye } from './camera/rig-eye.js'
import { accessTo } from './broker/bench-broker.js'
import { brokerCredentials } from './broker/broker-credentials.js'
import { openBroker } from './broker/open-broker.js'
import { OBSERVER } from './broker/observe-broker.js'
import { openStoreServer } from './parties/open-store-server.js'
import { openRigBus } from './can/rig-bus.js'
import { BusinessClock } from './business-clock.js'
import { accountStoreUrl } from './external/account-store.js'
import { unmovableParty } from './external/external-parties.js'
import type { Guests } from './guests.js'
import { openLockBoard } from './lock/lock-board.js'
import { LockKeeper } from './lock/lock-keeper.js'
import { boardBayOf } from './profile.js'
import type { Profile, RunSecrets } from './profile-schema.js'
import { RigUnavailable } from './rig-errors.js'
import { RunRecorder } from './run-recorder.js'
import { drawDevicePassword, drawSecrets } from './run-secrets.js'
import type { Closing } from './stage/closing.js'
import { GuessPause } from './stage/guess-pause.js'
import { startSupervisor, type Supervisor } from './supervisor/supervisor-client.js'
import { SystemTime } from './system-time.js'
import { topicContracts, watchBroker } from './wires/broker-wire.js'
import { CAR_NODES, openCanWire } from './wires/can-wire.js'
import { ContractWatch } from './wires/contract-watch.js'
import { EarlierEvents } from './wires/earlier-events.js'
import { OwnMessages } from './wires/own-messages.js'
import { TcpLink } from './wires/tcp-link.js'
import { WireLog } from './wires/wire-log.js'
import { WIRES } from './wires/wires.js'

export interface OpenedBench {
  readonly parts: BenchParts
  readonly supervisor: Supervisor
  readonly recorder: RunRecorder
  /** A fresh watch, to which the wires that all scenarios share report from now on. */
  newWatch(): ContractWatch
}

/**
 * Starts what all scenarios of a run share, in the order in which a bench is switched on.
 * @param file the profile's, for the attestation
 * @param closing gets everything that was started
 * @param tell is told what a person has to do
 * @param passedOver rigs that `--rig auto` could not take, for the attestation
 * @param guests get a credential at the broker each
 */
export async function openBenchParts(
  profile: Profile,
  file: string,
  evidenceFolder: string,
  closing: Closing,
  tell: (line: string) => void,
  passedOver?: string,
  guests?: Guests,
): Promise<OpenedBench> {
  const redactionKey = runRedactionKey()
  const redactor = createRedactor(redactionKey)
  const timeline = closing.add(openTimeline({ folder: evidenceFolder, process: 'runner', redactor }))
  const temporary = mkdtempSync(join(tmpdir(), 'lockstep-'))
  closing.addEnd(() => rmSync(temporary, { recursive: true, force: true }))
  const newFolder = () => mkdtempSync(join(temporary, 'part-'))

  // First, because a bus that is not there is the likeliest thing to be lacking.
  const can = closing.add(
    await openCanWire((name, options) => openRigBus(profile.bus, name, options), Object.values(CAR_NODES)),
  )
  const boardBay = boardBayOf(profile)
  const lockBoard = closing.add(await openLockBoard(profile, join(evidenceFolder, 'board'), evidenceFolder))
  const board = lockBoard.virtual
  if (!board)
    throw new RigUnavailable('the stage needs hands at the bench', 'use a profile with `board: virtual`')
  const supervisor = closing.add(
    await startSupervisor({ uart: lockBoard.line, rig: profile.rig, evidenceFolder }),
  )

  const wires = openWireLog(timeline, redactor, guests && ownMessages(profile))
  const secrets = drawSecrets(profile.fixed?.secrets)
  const passwords = brokerPasswords(profile, secrets)
  const broker = closing.add(
    await openBroker(profile, file, {
      credentials: brokerCredentials(profile, passwords, guests),
      observerPassword: passwords(OBSERVER),
      newFolder,
      log: timeline.eventLog('broker'),
    }),
  )
  const brokerAccess = (username: string) => accessTo(broker, username, passwords(username))
  const storeServer = closing.add(await openStoreServer(profile.store.url))
  let watch: ContractWatch | undefined
  const contracts = topicContracts({ platform: 'platform', cloud: 'cloud' })
  broker.onPublish((message) => watch && watchBroker(contracts, wires, watch)(message))

  const eye = closing.add(await openRigEye(profile.camera, tell))
  const { protocol, hostname, port } = new URL(broker.url)
  const lockLink = closing.add(await TcpLink.open({ host: hostname, port: Number(port) || 8883 }))
  const stuck = guests ? "a run with a fleet goes by the system's clock" : unmovableParty(profile)
  const clock = stuck ? new SystemTime(stuck) : new BusinessClock(Math.floor(Date.now() / 1_000) * 1_000)
  const keeper = closing.add(
    new LockKeeper({
      lockId: boardBay.lockId,
      bayId: boardBay.bayId,
      presetLocation: boardBay.location,
      broker: {
        ...brokerAccess(boardBay.lockId),
        url: `${protocol}//127.0.0.1:${lockLink.port}`,
        // The lock reaches it through its own link, under another name.
        ...(protocol === 'mqtts:' && isIP(hostname) === 0 && { serverName: hostname }),
      },
      storeUrl: `libsql:${join(newFolder(), 'lock.db')}`,
      board: supervisor.relay,
      boardClock: board.clock,
      firmware: profile.lock.firmware,
      gps: board.gps,
      camera: eye.source,
      decoder: profile.lock.decoder,
      ...(clock.isMovable && { epochMs: clock.now() }),
      evidenceFolder,
      redactionKey: Buffer.from(redactionKey).toString('base64'),
    }),
  )
  keeper.events.on('scanned', ({ symbology }) => {
    const { from, to } = WIRES.light
    wires.record({ wire: 'light', from, to, name: `a ${symbology === 'qr' ? 'QR code' : 'barcode'} is read` })
  })
  keeper.events.on('started', (pid) => {
    // One that is late only makes the board less patient meanwhile; one that fails is told by the next that is awaited.
    board.setHosts([pid, supervisor.pid]).catch(() => undefined)
  })
  const identity = await keeper.start()
  if (clock.isMovable) await clock.lead(keeper)

  const recorder = new RunRecorder(evidenceFolder, profile, {
    canBackEnd: can.backEnd,
    light: eye.by,
    firmwareSha256: board.firmwareSha256,
    firmware: identity.firmware,
    board: identity.board,
    broker: broker.kind,
    store: storeServer.kind,
    ...(passedOver && { 'chosen by --rig auto, which passed over': passedOver }),
    profileSha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  })
  return {
    parts: {
      profile,
      secrets,
      clock,
      hasGuests: guests !== undefined,
      unlockTimes: [],
      wires,
      earlierEvents: new EarlierEvents(),
      guesses: new GuessPause(),
      timeline,
      brokerAccess,
      storeUrl: storeServer.url,
      accountStoreUrl: accountStoreUrl(profile, file),
      boardBay,
      board,
      keeper,
      lockLink,
      can,
      easel: eye.easel,
      evidenceFolder,
      redactionKey: Buffer.from(redactionKey).toString('base64'),
      newFolder,
    },
    supervisor,
    recorder,
    newWatch: () => (watch = new ContractWatch(Object.values(WIRES).map(({ wire }) => wire))),
  }
}

/** Every message goes to the timeline and to whoever shows the run's progress. */
function openWireLog(timeline: Timeline, redactor: Redactor, own: OwnMessages | undefined): WireLog {
  return new WireLog(({ wire: name, from, to, name: event, body, correlationId }) => {
    const { wire } = WIRES[name]
    const correlation = correlationId === undefined ? {} : { correlationId }
    timeline.record({
      wire,
      kind: 'message',
      from,
      to,
      event,
      ...correlation,
      ...(body !== undefined && { body }),
    })
    partySpeaks({ wire, from, to, summary: redactor.text(event) })
  }, own)
}

function ownMessages({ bays, vehicleId }: Profile): OwnMessages {
  return new OwnMessages({
    bays: new Set(bays.map(({ bayId }) => bayId)),
    locks: new Set(bays.map(({ lockId }) => lockId)),
    vehicles: new Set([vehicleId]),
  })
}

/** Each user's password at the broker: as the profile gives it, or drawn for the run. */
function brokerPasswords({ broker }: Profile, secrets: RunSecrets): (username: string) => string {
  const known = new Map([
    ['platform', secrets.platformBrokerPassword],
    ['cloud', secrets.cloudBrokerPassword],
    ...Object.entries(broker.passwords ?? {}),
  ])
  return (username) => {
    const password = known.get(username) ?? drawDevicePassword()
    known.set(username, password)
    return password
  }
}
