/**
 * In QEMU: the board of the profile `emulated` at its serial port, behind an FTDI adapter, the kernel's drivers for USB
 * and for that, and the supervisor that owns the port, as on a bench.
 */
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLockBench } from '../../bench/lock/lock-bench.js'
import { loadProfile } from '../../bench/profile.js'
import { lockHardwareConformance } from '../../conformance/lock-hardware.js'
import { RemoteHands } from '../../emulation/bench-hands.js'
import { HANDS_ADAPTER } from '../../emulation/plugged-board.js'
import { openSerialPort } from '../../serial/open-serial-port.js'

lockHardwareConformance('an Arduino Uno behind an FTDI adapter', async () => {
  const hands = new RemoteHands(
    (await openSerialPort({ usb: { ID_SERIAL_SHORT: HANDS_ADAPTER } }, 115_200)).stream,
  )
  const bench = await openLockBench(loadProfile('emulated'), await mkdtemp(join(tmpdir(), 'lock-')))
  assert.match(bench.supervisor.board, /^\/dev\/ttyUSB\d+$/)
  return {
    hardware: await bench.connect(),
    setVehiclePresent: (vehicle) => hands.please({ vehicle }),
    setTampered: (tampered) => hands.please({ tampered }),
    setObstacle: (obstacle) => hands.please({ obstacle }),
    muteHost: (muted) => hands.please({ muted }),
    lose: () => hands.please({ unplug: true }),
    close: async () => {
      hands.close()
      await bench.close()
    },
  }
})
