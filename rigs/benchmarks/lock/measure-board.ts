import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import { startBoard, type Board } from '../../bench/board/board-client.js'
import { connectArduinoLock } from '../../drivers/arduino/arduino-lock-hardware.js'
import { firmata, FirmataParser } from '../../drivers/arduino/firmata-wire.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import { lockPinMap } from '../../pin-map.js'
import { median, percentile } from '../percentile.js'
import { cpuSecondsOf } from '../can/process-cpu.js'

const CONNECTIONS = 5
const ROUND_TRIPS = 400
const IDLE_HARDWARE_MS = 4_000
const BOOT_HARDWARE_MS = 2_500

/** A board process in step with the wall, as a rig runs it. */
export interface BoardRow {
  readonly firmware: FirmwareKind
  /** From the opening of the port, which resets the board, to the first whole sample; median, wall milliseconds. */
  readonly readyMs: number
  readonly readyMsAll: readonly number[]
  /** From a command's write to its answer, wall milliseconds. */
  readonly roundTripP50Ms: number | null
  readonly roundTripP99Ms: number | null
  /** Share of one core while nobody asks for anything; only Linux tells it. */
  readonly idleCpu: number | null
}

export async function measureBoard(firmware: FirmwareKind): Promise<BoardRow> {
  const evidenceFolder = mkdtempSync(join(tmpdir(), 'bench-lock-'))
  const board = await startBoard({ evidenceFolder, position: wgs84(31.2304, 121.4737), firmware })
  try {
    const readyMsAll: number[] = []
    for (let connection = 0; connection < CONNECTIONS; connection++)
      readyMsAll.push(await connectOnce(board, firmware))
    const trips = (await measureRoundTrips(board)).sort((a, b) => a - b)
    return {
      firmware,
      readyMs: median([...readyMsAll].sort((a, b) => a - b)),
      readyMsAll,
      roundTripP50Ms: percentile(trips, 0.5),
      roundTripP99Ms: percentile(trips, 0.99),
      idleCpu: await measureIdle(board),
    }
  } finally {
    await board.close()
    rmSync(evidenceFolder, { recursive: true })
  }
}

async function connectOnce(board: Board, firmware: FirmwareKind): Promise<number> {
  const started = performance.now()
  const hardware = await connectArduinoLock({ stream: connect(board.uart), pins: lockPinMap, firmware })
  const tookMs = performance.now() - started
  await hardware.close()
  return tookMs
}

/** A digital write and the question that follows it on the line: the answer says that the write has been carried out. */
async function measureRoundTrips(board: Board): Promise<number[]> {
  const socket = connect({ ...board.uart, noDelay: true })
  await once(socket, 'connect')
  await board.hardwareElapsed(BOOT_HARDWARE_MS)
  let answered = () => {}
  const parser = new FirmataParser((message) => message.type === 'version' && answered())
  socket.on('data', (bytes) => parser.push(bytes))
  const command = Uint8Array.from([
    ...firmata.setDigitalPin(lockPinMap.relay.pin, false),
    ...firmata.askVersion(),
  ])
  const trips: number[] = []
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const answer = new Promise<void>((resolve) => (answered = resolve))
    const started = performance.now()
    socket.write(command)
    await answer
    trips.push(performance.now() - started)
  }
  socket.destroy()
  return trips
}

async function measureIdle(board: Board): Promise<number | null> {
  const before = cpuSecondsOf(board.pid)
  const started = performance.now()
  await board.hardwareElapsed(IDLE_HARDWARE_MS)
  const after = cpuSecondsOf(board.pid)
  if (before === null || after === null) return null
  return (after - before) / ((performance.now() - started) / 1_000)
}
