import { batteryState } from '../domain/battery.js'
import { boltPosition } from '../domain/bolt.js'
import type { LockMachine } from '../domain/lock-machine.js'
import { lockId as checkedLockId } from '../domain/identifiers.js'
import type { LockStatus } from '../contracts/lock-link.js'
import type { BoltPosition } from '../contracts/platform-api.js'
import type { HardwareLoss } from '../ports/lock-hardware.js'
import type { RunningParty } from '../ports/party.js'
import { BayWatch } from './bay-watch.js'
import { BoltControl } from './bolt-control.js'
import { CodeCheck } from './code-check.js'
import { CommandDesk } from './command-desk.js'
import { commandHandler } from './commands.js'
import { FixReporter } from './fix-reporter.js'
import { Health } from './health.js'
import { settle, type LockConfig, type LockDeps } from './lock-config.js'
import { isInUse, LockCore } from './lock-core.js'
import { joinLockLink } from './lock-link.js'
import { prepareLockStorage, type LockRecords } from './lock-records.js'
import { Outbox } from './outbox.js'
import { confirmBarcodes } from '../scanner/confirm-barcodes.js'
import { startScanLoop } from '../scanner/scan-loop.js'
import { watchCamera } from '../scanner/watch-camera.js'
import { lockStatus } from './lock-status.js'
import { StatusBoard } from './status-board.js'
import { WearKeeper } from './wear-keeper.js'

export interface RunningLock extends RunningParty {
  /**
   * Resolves when the hardware is lost and the platform has been told (or could not be, in 3 s): this controller is at
   * its end, and a new one must be started when the board is back.
   */
  readonly ended: Promise<HardwareLoss>
  /** Frames of the camera that a newer one overtook. */
  readonly droppedFrames: number
}

/** How long a lock that lost its hardware tries to tell so, wall milliseconds. */
const FAREWELL_MS = 3_000

function inTime(work: Promise<unknown>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, limitMs)
    const end = () => (clearTimeout(limit), resolve())
    work.then(end, end)
  })
}

/** Counts the start, and provisions a new lock. */
function boot(core: LockCore): Promise<void> {
  const { presetLocation } = core.parts.config
  return core.turn(async (records) => {
    const bootCount = Number((await records.setting('boot-count')) ?? 0) + 1
    await records.set('boot-count', String(bootCount))
    if (bootCount === 1 && presetLocation) await records.set('preset', JSON.stringify(presetLocation))
  })
}

/** Writes down where the bolt is now: what was owed to it, and whose way in it has opened. */
async function recordBolt(core: LockCore, bolt: BoltPosition, records: LockRecords): Promise<void> {
  if (bolt === 'up') await records.set('raise-owed', 'no')
  const held = await records.reservation()
  const using = isInUse(held) || held?.state === 'left' ? held : undefined
  const whose = using && { reservationId: using.id }
  await core.post(records, { type: 'bolt-changed', bolt, ...whose }, using?.correlationId)
  if (bolt !== 'down' || using?.state !== 'opening') return
  const isThere = core.memory.occupied === true
  await records.hold({ ...using, state: isThere ? 'occupied' : 'unlocked' })
  if (isThere) {
    await core.post(records, { type: 'occupancy-changed', occupied: true, ...whose }, using.correlationId)
  }
}

/** Writes down what must outlive a restart of a lock whose machine has changed its state. */
function recordState(core: LockCore, before: LockMachine, after: LockMachine): void {
  const position = boltPosition(after.bolt)
  const hasMoved = position !== boltPosition(before.bolt)
  const isSafe = after.bolt.state === 'safe'
  const latchChanged = isSafe || before.bolt.state === 'safe'
  // The machine of a lock that loses its board, or is closed, ends; that takes back nothing.
  if (latchChanged && after.bolt.state !== 'link-lost') {
    core.turnSoon((records) => records.set('safe-latch', (isSafe && after.bolt.fault) || ''))
  }
  if (hasMoved) core.turnSoon((records) => recordBolt(core, position, records))
}

/** A lock that died between a right code and the open bolt: who showed the code still waits before it. */
async function finishOpening(core: LockCore, bolt: BoltControl): Promise<void> {
  await bolt.standing()
  const held = core.memory.reservation
  if (held?.state === 'opening' && core.now < held.holdUntil) await bolt.moveTo('down')
}

/**
 * Starts a lock controller: comparator, code check, bolt, and the link to the platform (lock-link.asyncapi.yaml). It
 * homes its bolt, takes its life up again from its storage, and is ready once the broker has let it in.
 * @throws BrokerRefused, MalformedIdentifier
 */
export async function startLock(given: LockConfig, deps: LockDeps): Promise<RunningLock> {
  const config = settle(given)
  const lockId = checkedLockId(config.lockId)
  const { hardware, log } = deps
  await prepareLockStorage(deps.store)
  const core = new LockCore({ config, store: deps.store, clock: deps.clock, newId: deps.newId, log })
  await boot(core)

  const health = new Health(({ fault, detail }) => {
    log.record('fault', { fault, ...(detail && { detail }) })
    core.turnSoon((records) => core.post(records, { type: 'fault', fault, ...(detail && { detail }) }))
  })
  const wear = new WearKeeper(core)
  const fixes = deps.gps && new FixReporter(core, deps.gps, () => hardware.sample.hardwareMs)
  let onStateChanged: () => void = () => undefined
  let toldState: string | undefined

  function onMachine(before: LockMachine, after: LockMachine): void {
    health.watch(after)
    wear.watch(before, after)
    if (after.bolt.state !== before.bolt.state) recordState(core, before, after)
    const state = [after.bolt.state, batteryState(after.battery), fixes?.state, ...health.faults].join(' ')
    if (state !== toldState) onStateChanged()
    toldState = state
  }

  let resolveLost: ((loss: HardwareLoss) => void) | undefined
  const lost = new Promise<HardwareLoss>((resolve) => (resolveLost = resolve))
  const bolt = new BoltControl(hardware, {
    thresholds: config.thresholds,
    latched: core.memory.safeLatch,
    onChange: onMachine,
    onLost: (loss) => {
      health.lost(loss)
      resolveLost?.(loss)
    },
  })
  const bay = new BayWatch(core, bolt)
  const desk = new CommandDesk(core, bolt, commandHandler(core, bolt, bay, fixes), () => outbox.forgetTold())
  const status = () => lockStatus(core, bolt, health, fixes, hardware.sample.batteryVolts)
  let closing = false
  const link = await joinLockLink({
    lockId,
    broker: config.broker,
    bootCount: core.memory.bootCount,
    connectTimeoutMs: config.connectTimeoutMs,
    onCommand: (payload) => desk.receive(payload),
    onLost: () => outbox.lost(),
    onReconnected: () => {
      board.repeat()
      outbox.pump()
    },
    onFault: (fault) => core.report('link-fault', fault),
  }).catch(async (refused: unknown) => {
    bolt.close()
    await core.close()
    throw refused
  })
  const outbox = new Outbox(
    deps.store,
    (event) => link.sendEvent(event),
    (fault) => core.report('outbox-stuck', fault),
  )
  const board = new StatusBoard(
    status,
    (told) => link.sendStatus(told),
    (fault) => core.report('status-untold', fault),
  )
  core.afterTurn = () => {
    outbox.pump()
    board.refresh()
  }
  onStateChanged = () => board.refresh()

  async function farewell(): Promise<void> {
    await core.idle()
    await Promise.all([outbox.emptied(), board.told()])
  }
  const ended = lost.then(async (loss) => {
    await inTime(farewell(), FAREWELL_MS)
    return loss
  })
  const stops = [hardware.onSample((sample) => bay.watch(sample))]
  await desk.answerInterrupted()
  board.refresh()
  await link.listen()
  fixes?.start(() => link.connected)
  finishOpening(core, bolt).catch((fault: unknown) => core.report('opening-failed', fault))
  const check = new CodeCheck(core, bolt)
  const scan =
    deps.scanner &&
    startScanLoop({
      camera: deps.scanner.camera,
      decoder: confirmBarcodes(deps.scanner.decoder),
      onLook: (frame, decodes) => {
        deps.scanner?.onDecode?.(frame, decodes)
        check.look(decodes)
      },
      onCameraLost: (reason) => {
        log.record('camera-lost', { reason })
        health.cameraLost()
        board.refresh()
      },
      onCameraBack: () => {
        log.record('camera-back', {})
        health.cameraBack()
        board.refresh()
      },
      onDecoderFault: (fault) => core.report('decoder-fault', fault),
    })

  if (deps.scanner?.health) {
    stops.push(
      watchCamera(deps.scanner.camera, deps.scanner.health, ({ faults, reason }) => {
        log.record('camera-health', { faults, ...(reason !== undefined && { reason }) })
        health.cameraShows(faults)
        board.refresh()
      }),
    )
    health.cameraShows([])
  }

  return {
    ended,
    get droppedFrames() {
      return scan?.droppedFrames ?? 0
    },
    close: async () => {
      if (closing) return
      closing = true
      desk.close()
      for (const stop of stops) stop()
      fixes?.close()
      await scan?.close()
      wear.write(bolt.machine)
      bolt.close()
      await core.close()
      if (link.connected) {
        const gone: LockStatus = { online: false, bolt: 'unknown', bootCount: core.memory.bootCount }
        await inTime(
          Promise.all([outbox.emptied(), board.close().then(() => link.sendStatus(gone))]),
          FAREWELL_MS,
        )
      }
      await link.close()
      await Promise.all([outbox.close(), board.close()])
    },
  }
}
