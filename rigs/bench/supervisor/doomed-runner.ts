/**
 * A runner for `supervisor.test.ts` to kill: it starts a board and its supervisor, begins to raise the bolt through the
 * relay, and tells its parent when the bolt is on its way. Its arguments are the evidence folder and the supervisor's
 * patience with a runner that is stopped, wall milliseconds.
 */
import { connect } from 'node:net'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import { connectArduinoLock } from '../../drivers/arduino/arduino-lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import { startBoard } from '../board/board-client.js'
import { startSupervisor } from './supervisor-client.js'

export interface DoomedReport {
  readonly boardPid: number
  readonly supervisorPid: number
}

const evidenceFolder = process.argv[2] ?? ''
const board = await startBoard({ evidenceFolder, position: wgs84(31.2304, 121.4737), bolt: 'down' })
const heartbeatTimeoutMs = Number(process.argv[3])
const supervisor = await startSupervisor({
  uart: board.uart,
  rig: 'doomed',
  evidenceFolder,
  heartbeatTimeoutMs,
})
const lock = await connectArduinoLock({ stream: connect(supervisor.relay), pins: lockPinMap })
// Slow enough that the bolt is still on its way when the news has arrived.
await board.setSpeed(0.1)
lock.drive('up')
lock.onSample(({ limitUp, limitDown, motorCurrentAmps }) => {
  const onItsWay = !limitUp && !limitDown && motorCurrentAmps > 0.2
  const report: DoomedReport = { boardPid: board.pid, supervisorPid: supervisor.pid }
  if (onItsWay) process.send?.(report)
})
