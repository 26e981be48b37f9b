import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import type { HardwareLoss } from '../../../reference/ports/lock-hardware.js'
import { startBoard, type Board } from '../../bench/board/board-client.js'
import { awaitSample, lockHardwareConformance } from '../../conformance/lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import { STANDARD_FIRMATA_SHA256 } from '../../simulated/virtual-arduino/standard-firmata.js'
import { BoardLinkFailed, BoardSilent, WrongFirmware } from './arduino-errors.js'
import { connectArduinoLock } from './arduino-lock-hardware.js'

async function boardInFolder(): Promise<{ board: Board; close: () => Promise<void> }> {
  const evidenceFolder = await mkdtemp(join(tmpdir(), 'lock-'))
  const board = await startBoard({ evidenceFolder, position: wgs84(31.2304, 121.4737) })
  return {
    board,
    close: async () => {
      await board.close()
      await rm(evidenceFolder, { recursive: true })
    },
  }
}

lockHardwareConformance('an Arduino Uno with StandardFirmata', async () => {
  const { board, close } = await boardInFolder()
  const stream = connect(board.uart)
  const hardware = await connectArduinoLock({ stream, pins: lockPinMap })
  return {
    hardware,
    setVehiclePresent: (present) => board.setVehiclePresent(present),
    setTampered: (tampered) => board.setTampered(tampered),
    lose: () => {
      stream.destroy()
    },
    close,
  }
})

test('One board tells its losses, its faults and its firmware', { timeout: 120_000 }, async (t) => {
  const { board, close } = await boardInFolder()
  t.after(close)
  assert.equal(board.firmwareSha256, STANDARD_FIRMATA_SHA256)
  const open = (silenceMs = 1_500) =>
    connectArduinoLock({ stream: connect(board.uart), pins: lockPinMap, silenceMs })

  await t.test('another firmware than the wanted one is refused', async () => {
    const stream = connect(board.uart)
    const wanted = { stream, pins: lockPinMap, firmware: 'lockstep' as const }
    await assert.rejects(connectArduinoLock(wanted), WrongFirmware)
    assert.equal(stream.destroyed, true)
  })

  await t.test('a jam shows as the current of a stall, away from both limits', async () => {
    const hardware = await open()
    await board.jamAt(70)
    hardware.drive('down')
    await awaitSample(hardware, 'a stall', (sample) => sample.motorCurrentAmps > 2 && !sample.limitUp)
    const observed = await board.hardwareElapsed(500)
    assert.equal(observed.degrees, 70)
    assert.equal(observed.bolt, 'between')
    assert.equal(hardware.sample.limitDown, false)
    await board.jamAt(null)
    await awaitSample(hardware, 'the bolt down', (sample) => sample.limitDown)
    await hardware.close()
    assert.equal((await board.hardwareElapsed(100)).supplied, false)
  })

  await t.test('a press of the reset button is a lost board', async () => {
    // The firmware blinks for two seconds before it reports itself: a shorter patience would notice the silence first.
    const hardware = await open(60_000)
    const lost = new Promise<HardwareLoss>((resolve) => hardware.onLost(resolve))
    await board.reset()
    assert.equal(await lost, 'board-reset')
    await hardware.close()
  })

  await t.test(
    'a battery that is pulled in mid-travel silences the board and leaves the bolt where it is',
    async () => {
      const hardware = await open()
      const lost = new Promise<HardwareLoss>((resolve) => hardware.onLost(resolve))
      hardware.drive('up')
      await awaitSample(hardware, 'the bolt between', (sample) => !sample.limitUp && !sample.limitDown)
      const cut = await board.cutPower()
      assert.deepEqual([cut.bolt, cut.supplied, cut.powered], ['between', false, false])
      assert.equal(await lost, 'no-samples')
      await hardware.close()
      const restored = await board.restorePower()
      assert.equal(restored.degrees, cut.degrees)
      const again = await open()
      assert.deepEqual([again.sample.limitUp, again.sample.limitDown], [false, false])
      again.drive('up')
      await awaitSample(again, 'the bolt up', (sample) => sample.limitUp)
      await again.close()
    },
  )
})

async function lineTo(t: TestContext, onConnection: (socket: Socket) => void): Promise<Socket> {
  const server = createServer(onConnection)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  return connect({ host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 })
}

test('A board that never answers is named, and the line is let go of', async (t) => {
  const stream = await lineTo(t, (socket) => socket.resume())
  await assert.rejects(connectArduinoLock({ stream, pins: lockPinMap, connectMs: 300 }), BoardSilent)
  assert.equal(stream.destroyed, true)
})

test('A line that ends before the board is ready is named', async (t) => {
  const stream = await lineTo(t, (socket) => socket.destroy())
  await assert.rejects(connectArduinoLock({ stream, pins: lockPinMap }), BoardLinkFailed)
})
