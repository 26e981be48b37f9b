import { loadBoardFirmware } from '../../bench/board/load-board-firmware.js'
import { lockstep } from '../../drivers/arduino/lockstep-wire.js'
import { lockPinMap } from '../../pin-map.js'
import { UNO_HZ, VirtualArduino } from '../../simulated/virtual-arduino/virtual-arduino.js'
import type { SimulatorRun, Workload } from './workload.js'

const CYCLES_PER_MS = UNO_HZ / 1000
const HEARTBEAT_MS = 100

/** Runs a workload on the virtual board, as fast as one core can. */
export function runOnVirtualBoard(workload: Workload): SimulatorRun {
  let bytesSent = 0
  let servoPulses = 0
  const { image } = loadBoardFirmware(workload.firmware)
  const board = new VirtualArduino({ image, onByte: () => bytesSent++ })
  board.setAnalogSource(lockPinMap.motorCurrent.channel, () => 0.5)
  board.setAnalogSource(lockPinMap.battery.channel, () => 2.6)
  board.onEdge(lockPinMap.servo.pin, ({ drive }) => (servoPulses += drive === 'high' ? 1 : 0))
  board.powerOn()
  const run = (ms: number) => board.runUntil(board.cycle + ms * CYCLES_PER_MS)
  run(workload.bootMs)
  board.receive(Uint8Array.from(workload.bytes))
  run(workload.bytes.length * 0.2)
  bytesSent = servoPulses = 0
  const before = process.cpuUsage()
  for (let ms = 0; ms < workload.measuredMs; ms += HEARTBEAT_MS) {
    if (workload.heartbeat) board.receive(Uint8Array.from(lockstep.heartbeat(ms / HEARTBEAT_MS)))
    run(HEARTBEAT_MS)
  }
  const { user, system } = process.cpuUsage(before)
  return { processorSeconds: (user + system) / 1e6, bytesSent, servoPulses }
}
