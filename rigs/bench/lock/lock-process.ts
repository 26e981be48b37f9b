/** The lock's process: the controller on the board's relay, its scanner, receiver and storage. Started by the keeper. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Decode } from '../../../reference/ports/decoder.js'
import type { Clock } from '../../../reference/ports/clock.js'
import type { Frame } from '../../../reference/ports/camera.js'
import { CodesInView } from '../../../reference/domain/codes-in-view.js'
import { DEFAULT_THRESHOLDS } from '../../../reference/lock/lock-config.js'
import { startLock } from '../../../reference/lock/start-lock.js'
import { framePng } from '../../../reference/pictures/frame-png.js'
import { connectArduinoLock } from '../../drivers/arduino/arduino-lock-hardware.js'
import { skipFlatFrames } from '../../drivers/decoders/contrast.js'
import { openDecoder } from '../../drivers/decoders/open-decoder.js'
import { NmeaGps } from '../../drivers/nmea/nmea-gps.js'
import { createRedactor } from '../../evidence/redaction.js'
import { openTimeline } from '../../evidence/timeline.js'
import { lockPinMap } from '../../pin-map.js'
import { systemClock } from '../../drivers/system-clock/system-clock.js'
import { ManualClock } from '../../simulated/manual-clock/manual-clock.js'
import { boardClock } from '../board/board-clock.js'
import { openCameraSource } from '../camera/camera-source.js'
import { openStore } from '../parties/open-store.js'
import { production } from '../parties/party-runtime.js'
import { Closing } from '../stage/closing.js'
import { LOCK_EXIT, type Endpoint, type FromLock, type LockSetup, type ToLock } from './lock-messages.js'
import { recordFault } from '../../../reference/ports/fault-record.js'

/** A board that is just getting power is ready after 2–3 s of its own time. */
const BOARD_READY_MS = 25_000

const tell = (message: FromLock) => process.send?.(message)

async function dial({ host, port }: Endpoint): Promise<Socket> {
  const socket = connect(port, host)
  await once(socket, 'connect')
  return socket.setNoDelay()
}

/** Reports each presentation of a code to the bench, with the frame that showed it, and which codes are in view. */
function watchScanner(folder: string): (frame: Frame, decodes: readonly Decode[]) => void {
  mkdirSync(folder, { recursive: true })
  const view = new CodesInView(DEFAULT_THRESHOLDS.looksOutOfSight)
  // Codes are secrets: the bench knows them by number.
  const numbers = new Map<string, number>()
  let shown = ''
  return (frame, decodes) => {
    const news = view.look(decodes.map(({ text }) => text))
    for (const text of news) numbers.set(text, numbers.get(text) ?? numbers.size + 1)
    const inView = view.texts.flatMap((text) => numbers.get(text) ?? [])
    if (inView.join() !== shown) tell({ kind: 'in-view', codes: inView })
    shown = inView.join()
    for (const { text, symbology, by } of decodes.filter(({ text }) => news.includes(text))) {
      const file = join(folder, `${process.pid}-${process.hrtime.bigint()}.png`)
      writeFileSync(file, framePng(frame))
      tell({ kind: 'scanned', code: numbers.get(text) ?? 0, file, symbology, by })
    }
  }
}

async function run(setup: LockSetup, clock: Clock, closing: Closing): Promise<number> {
  const redactor = createRedactor(Buffer.from(setup.redactionKey, 'base64'))
  const timeline = closing.add(openTimeline({ folder: setup.evidenceFolder, process: 'lock', redactor }))
  const log = timeline.eventLog('lock')
  log.record('lock-process-started')
  const store = closing.add(await openStore(setup.storeUrl))
  const hardware = closing.add(
    await connectArduinoLock({
      stream: await dial(setup.board),
      pins: lockPinMap,
      firmware: setup.firmware,
      connectMs: BOARD_READY_MS,
      ...(setup.boardClock && { hardwareClock: boardClock(setup.boardClock) }),
    }),
  )
  const gps = closing.add(new NmeaGps(await dial(setup.gps)))
  const decoder = closing.add(skipFlatFrames(await openDecoder(setup.decoder)))
  const { camera, health } = await openCameraSource(setup.camera)
  closing.add(camera)
  const { lockId, bayId, presetLocation, broker } = setup
  const lock = closing.add(
    await startLock(
      { lockId, bayId, presetLocation, broker },
      {
        hardware,
        gps,
        scanner: {
          camera,
          decoder,
          health,
          onDecode: watchScanner(join(setup.evidenceFolder, 'scanned')),
        },
        store,
        clock,
        newId: production.newId,
        log,
      },
    ),
  )
  tell({ kind: 'ready', ...hardware.identity })
  const loss = await lock.ended
  log.record('board-lost', { loss })
  return LOCK_EXIT.boardLost
}

function main(): void {
  const closing = new Closing()
  let clock: ManualClock | undefined
  const finish = (code: number) => {
    const end = () => process.exit(code)
    closing.close().then(end, end)
  }
  // The bench is gone: nobody is left to keep this lock, and its supervisor makes the board safe.
  process.once('disconnect', () => process.exit(LOCK_EXIT.stopped))
  process.on('message', (message: ToLock) => {
    if (message.kind === 'stop') return finish(LOCK_EXIT.stopped)
    if (message.kind === 'set-clock') {
      clock?.set(message.epochMs)
      tell({ kind: 'clock-set', request: message.request })
      return
    }
    const { epochMs } = message.setup
    clock = epochMs === undefined ? undefined : new ManualClock(epochMs)
    run(message.setup, clock ?? systemClock, closing).then(finish, (error: unknown) => {
      tell({ kind: 'failed', fault: recordFault(error) })
      finish(LOCK_EXIT.boardLost)
    })
  })
}

main()
