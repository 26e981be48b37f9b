import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedBroker, type BrokerCredential } from '../drivers/embedded-broker/embedded-broker.js'
import { partySpeaks } from '../evidence/party-speaks.js'
import { runRedactionKey, createRedactor, type Redactor } from '../evidence/redaction.js'
import { openTimeline, type Timeline } from '../evidence/timeline.js'
import { startRenderedCamera } from '../simulated/rendered-camera/rendered-camera.js'
import type { BenchParts } from './bench-parts.js'
import { openRigBus } from './can/rig-bus.js'
import { BusinessClock } from './business-clock.js'
import { openLockBoard } from './lock/lock-board.js'
import { LockKeeper } from './lock/lock-keeper.js'
import { boardBayOf } from './profile.js'
import type { Profile, RunSecrets } from './profile-schema.js'
import { RigUnavailable } from './rig-errors.js'
import { RunRecorder } from './run-recorder.js'
import { drawDevicePassword, drawSecrets } from './run-secrets.js'
import type { Closing } from './stage/closing.js'
import { startSupervisor, type Supervisor } from './supervisor/supervisor-client.js'
import { topicContracts, watchBroker } from './wires/broker-wire.js'
import { CAR_NODES, openCanWire } from './wires/can-wire.js'
import { ContractWatch } from './wires/contract-watch.js'
import { TcpLink } from './wires/tcp-link.js'
import { WireLog } from './wires/wire-log.js'
import { WIRES } from './wires/wires.js'

/** Frames a second of the rendered camera. */
const CAMERA_FPS = 12
const CAMERA_SEED = 1

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
 * @param passedOver rigs that `--rig auto` could not take, for the attestation
 */
export async function openBenchParts(
  profile: Profile,
  file: string,
  evidenceFolder: string,
  closing: Closing,
  passedOver?: string,
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

  const wires = openWireLog(timeline, redactor)
  const secrets = drawSecrets(profile.fixed?.secrets)
  const devicePasswords = new Map(
    [...profile.bays.map(({ lockId }) => lockId), profile.vehicleId].map((name) => [
      name,
      drawDevicePassword(),
    ]),
  )
  const broker = closing.add(
    await startEmbeddedBroker({
      host: '127.0.0.1',
      port: profile.fixed?.ports?.broker ?? 0,
      credentials: [...serviceCredentials(secrets), ...deviceCredentials(profile, devicePasswords)],
    }),
  )
  let watch: ContractWatch | undefined
  const contracts = topicContracts({ platform: 'platform', cloud: 'cloud' })
  broker.onPublish((message) => watch && watchBroker(contracts, wires, watch)(message))

  const camera = closing.add(await startRenderedCamera({ seed: CAMERA_SEED, fps: CAMERA_FPS }))
  const { hostname, port } = new URL(broker.url)
  const lockLink = closing.add(await TcpLink.open({ host: hostname, port: Number(port) }))
  const clock = new BusinessClock(Math.floor(Date.now() / 1_000) * 1_000)
  const keeper = closing.add(
    new LockKeeper({
      lockId: boardBay.lockId,
      bayId: boardBay.bayId,
      presetLocation: boardBay.location,
      broker: {
        url: `mqtt://127.0.0.1:${lockLink.port}`,
        username: boardBay.lockId,
        password: devicePasswords.get(boardBay.lockId) ?? '',
      },
      storeUrl: `libsql:${join(newFolder(), 'lock.db')}`,
      board: supervisor.relay,
      boardClock: board.clock,
      firmware: profile.lock.firmware,
      gps: board.gps,
      camera: camera.stream,
      decoder: profile.lock.decoder,
      epochMs: clock.now(),
      evidenceFolder,
      redactionKey: Buffer.from(redactionKey).toString('base64'),
    }),
  )
  keeper.events.on('scanned', ({ symbology }) => {
    const { from, to } = WIRES.light
    wires.record({ wire: 'light', from, to, name: `a ${symbology === 'qr' ? 'QR code' : 'barcode'} is read` })
  })
  const identity = await keeper.start()
  await clock.lead(keeper)

  const recorder = new RunRecorder(evidenceFolder, profile, {
    canBackEnd: can.backEnd,
    firmwareSha256: board.firmwareSha256,
    firmware: identity.firmware,
    board: identity.board,
    ...(passedOver && { 'chosen by --rig auto, which passed over': passedOver }),
    profileSha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  })
  return {
    parts: {
      profile,
      secrets,
      clock,
      wires,
      timeline,
      broker,
      devicePasswords,
      boardBay,
      board,
      keeper,
      lockLink,
      can,
      easel: camera,
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
function openWireLog(timeline: Timeline, redactor: Redactor): WireLog {
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
  })
}

function serviceCredentials({ platformBrokerPassword, cloudBrokerPassword }: RunSecrets): BrokerCredential[] {
  return [
    {
      username: 'platform',
      password: platformBrokerPassword,
      publish: ['locks/+/commands'],
      subscribe: ['locks/+/events', 'locks/+/status'],
    },
    {
      username: 'cloud',
      password: cloudBrokerPassword,
      publish: ['vehicles/+/commands'],
      subscribe: ['vehicles/+/events'],
    },
  ]
}

/** One credential a device, which reads and writes its own topics only. */
function deviceCredentials(profile: Profile, passwords: ReadonlyMap<string, string>): BrokerCredential[] {
  const password = (name: string) => passwords.get(name) ?? ''
  const { vehicleId } = profile
  return [
    ...profile.bays.map(({ lockId }) => ({
      username: lockId,
      password: password(lockId),
      publish: [`locks/${lockId}/events`, `locks/${lockId}/status`],
      subscribe: [`locks/${lockId}/commands`],
    })),
    {
      username: vehicleId,
      password: password(vehicleId),
      publish: [`vehicles/${vehicleId}/events`],
      subscribe: [`vehicles/${vehicleId}/commands`],
    },
  ]
}
