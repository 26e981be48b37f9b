import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import {
  HardwareGone,
  type BoltTarget,
  type HardwareLoss,
  type LockHardware,
} from '../../../reference/ports/lock-hardware.js'
import { startBoard } from '../../bench/board/board-client.js'
import { awaitSample, lockHardwareConformance } from '../../conformance/lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import { BoardLinkFailed, BoardSilent, WrongFirmware } from './arduino-errors.js'
import { connectArduinoLock } from './arduino-lock-hardware.js'
import type { FirmwareKind } from './identify-firmware.js'

async function boardInFolder(firmware: FirmwareKind) {
  const evidenceFolder = await mkdtemp(join(tmpdir(), 'lock-'))
  const board = await startBoard({
    evidenceFolder,
    position: wgs84(31.2304, 121.4737),
    firmware,
    timeScale: 2,
  })
  const close = async () => {
    await board.close()
    await rm(evidenceFolder, { recursive: true })
  }
  return { board, close }
}

const FIRMWARES: readonly FirmwareKind[] = ['lockstep', 'standard-firmata']

for (const firmware of FIRMWARES) {
  lockHardwareConformance(`an Arduino Uno with ${firmware}`, async () => {
    const { board, close } = await boardInFolder(firmware)
    const stream = connect(board.uart)
    const hardware = await connectArduinoLock({ stream, pins: lockPinMap, firmware })
    return {
      hardware,
      setVehiclePresent: (present) => board.setVehiclePresent(present),
      setTampered: (tampered) => board.setTampered(tampered),
      setObstacle: (present) => board.jamAt(present ? 70 : null),
      muteHost: async (muted) => {
        await board.setSpeed(muted ? 0.1 : 1)
        await board.spoilLine('to-board', muted ? { loss: 1, garbage: 0, seed: 1 } : null)
      },
      lose: () => {
        stream.destroy()
      },
      close,
    }
  })
}

function lossOf(hardware: LockHardware): Promise<HardwareLoss> {
  return new Promise((resolve) => hardware.onLost(resolve))
}

for (const firmware of FIRMWARES) {
  test(`A board with ${firmware} tells its losses and its firmware`, { timeout: 120_000 }, async (t) => {
    const { board, close } = await boardInFolder(firmware)
    t.after(close)
    const open = (silenceMs?: number) =>
      connectArduinoLock({
        stream: connect(board.uart),
        pins: lockPinMap,
        ...(silenceMs !== undefined && { silenceMs }),
      })
    const inTravel = async (hardware: LockHardware, target: BoltTarget) => {
      hardware.drive(target)
      await awaitSample(hardware, 'the bolt between', (sample) => !sample.limitUp && !sample.limitDown)
    }

    await t.test('another firmware than the wanted one is refused', async () => {
      const stream = connect(board.uart)
      const wanted = firmware === 'lockstep' ? 'standard-firmata' : 'lockstep'
      await assert.rejects(connectArduinoLock({ stream, pins: lockPinMap, firmware: wanted }), WrongFirmware)
      assert.equal(stream.destroyed, true)
    })

    await t.test('a press of the reset button is a lost board, and a dip of the supply is one', async () => {
      // StandardFirmata blinks for two seconds before it reports itself: a shorter patience would notice the silence.
      for (const fault of [() => board.reset(), () => board.brownOut()]) {
        const hardware = await open(firmware === 'lockstep' ? undefined : 60_000)
        const lost = lossOf(hardware)
        await fault()
        assert.equal(await lost, 'board-reset')
        await hardware.close()
      }
    })

    await t.test('a chip that stands still in mid-travel is told from one that was unplugged', async () => {
      const frozen = await open()
      await inTravel(frozen, 'down')
      const lostAsFrozen = lossOf(frozen)
      await board.freeze()
      assert.equal(await lostAsFrozen, 'frozen')
      assert.throws(() => frozen.drive('up'), HardwareGone)
      await frozen.close()
      const unplugged = await open()
      await inTravel(unplugged, 'up')
      const lostAsUnplugged = lossOf(unplugged)
      await board.setPlugged(false)
      assert.equal(await lostAsUnplugged, 'link-closed')
      assert.throws(() => unplugged.drive('up'), HardwareGone)
      await unplugged.close()
      await board.setPlugged(true)
    })

    await t.test('bytes that get lost, and others that come in, do not hide the bolt', async () => {
      const hardware = await open()
      await board.spoilLine('from-board', { loss: 0.01, garbage: 0.01, seed: 7 })
      hardware.drive('down')
      await awaitSample(hardware, 'the bolt down', (sample) => sample.limitDown)
      hardware.release()
      await board.spoilLine('from-board', null)
      await hardware.close()
    })

    await t.test('a battery that is pulled silences the board and leaves the bolt where it is', async () => {
      const hardware = await open()
      const lost = lossOf(hardware)
      await inTravel(hardware, 'up')
      const cut = await board.cutPower()
      assert.deepEqual([cut.bolt, cut.supplied, cut.powered], ['between', false, false])
      assert.equal(await lost, 'frozen')
      await hardware.close()
      const restored = await board.restorePower()
      // The bolt coasts for a degree or two.
      assert.ok(Math.abs(restored.degrees - cut.degrees) < 3, `${cut.degrees}°, then ${restored.degrees}°`)
      const again = await open()
      assert.deepEqual([again.sample.limitUp, again.sample.limitDown], [false, false])
      again.drive('up')
      await awaitSample(again, 'the bolt up', (sample) => sample.limitUp)
      await again.close()
    })
  })
}

test('A jam shows as the current of a stall to a host whose board does not cut it', async (t) => {
  const { board, close } = await boardInFolder('standard-firmata')
  t.after(close)
  const hardware = await connectArduinoLock({ stream: connect(board.uart), pins: lockPinMap })
  await board.jamAt(70)
  hardware.drive('down')
  await awaitSample(hardware, 'a stall', (sample) => sample.motorCurrentAmps > 2 && !sample.limitUp)
  const observed = await board.hardwareElapsed(500)
  assert.deepEqual([observed.degrees, observed.bolt, observed.supplied], [70, 'between', true])
  await hardware.close()
  assert.equal((await board.hardwareElapsed(100)).supplied, false)
})

test("A board with Lockstep's firmware is ready in less than 0.3 s of its own time", async (t) => {
  const { board, close } = await boardInFolder('lockstep')
  t.after(close)
  const { hardwareMs: openedAtMs } = await board.observe()
  const hardware = await connectArduinoLock({ stream: connect(board.uart), pins: lockPinMap })
  const { hardwareMs: readyAtMs } = await board.observe()
  assert.ok(readyAtMs - openedAtMs < 2 * 300, `${readyAtMs - openedAtMs} hardware ms`)
  await hardware.close()
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
