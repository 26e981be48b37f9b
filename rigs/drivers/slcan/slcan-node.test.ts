import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CanBusFault,
  CanFrameNotCarried,
  CanSendQueueFull,
  type CanBus,
  type CanErrorFrame,
  type CanFrame,
  type CanLoss,
} from '../../../reference/ports/can-bus.js'
import { LAWICEL, ScriptedAdapter } from './fixtures/scripted-adapter.js'

const frame = (id: number, ...data: number[]): CanFrame => ({
  id,
  extended: false,
  data: Uint8Array.from(data),
})

const ids = (bus: CanBus, count: number) =>
  new Promise<number[]>((resolve) => {
    const heard: number[] = []
    bus.onFrame(({ id }) => heard.push(id) === count && resolve(heard))
  })
const nextLoss = (bus: CanBus) => new Promise<CanLoss>((resolve) => bus.onLoss(resolve))
const nextFault = (bus: CanBus) => new Promise<CanBusFault>((resolve) => bus.onFault(resolve))
const nextError = (bus: CanBus) => new Promise<CanErrorFrame>((resolve) => bus.onErrorFrame(resolve))

/** Gives each command the next of these answers; the last one stays. */
const inTurn = (...answers: string[]) => {
  return () => (answers.length > 1 ? answers.shift() : answers[0]) ?? ''
}

// A frame, a loss or a fault that never comes fails its test by name.
describe('a node behind an SLCAN adapter', { timeout: 20_000 }, () => {
  test('what comes from before it was open is neither heard nor lost', async (t) => {
    const adapter = new ScriptedAdapter({
      ...LAWICEL,
      C: 't0990\r\r',
      O: '\rt12300001\rt12',
      F: '0002\rF09\r',
    })
    const bus = await adapter.open()
    t.after(() => bus.close())
    const heard = ids(bus, 2)
    adapter.say('t12600003\rt12700003\r')
    assert.deepEqual(await heard, [0x126, 0x127])
    assert.equal(bus.garbage.lines, 0)
    assert.deepEqual(bus.lost, { frames: 0, exact: true })
  })

  test('a refused frame is sent again until it is taken, before those behind it', async (t) => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, t: inTurn('\x07', '\x07', '\x07', 'z\r') })
    const bus = await adapter.open()
    t.after(() => bus.close())
    await Promise.all([bus.send(frame(1)), bus.send(frame(2))])
    assert.deepEqual(
      adapter.commands.filter((line) => line.startsWith('t')),
      ['t0010', 't0010', 't0010', 't0010', 't0020'],
    )
  })

  test('an adapter that goes on refusing rejects what waits by name, and works again later', async (t) => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, t: '\x07' })
    const bus = await adapter.open({}, {}, { refusalMs: 20 })
    t.after(() => bus.close())
    const faults: unknown[] = []
    bus.onFault((fault) => faults.push(fault))
    const sends = await Promise.allSettled([bus.send(frame(1)), bus.send(frame(2))])
    for (const send of sends) {
      assert.ok(send.status === 'rejected' && send.reason instanceof CanBusFault)
      assert.match(send.reason.message, /refused frames for \d+ ms.*acknowledge/)
    }
    adapter.script = LAWICEL
    await bus.send(frame(3))
    assert.deepEqual(faults, [], 'the bus has not ended')
  })

  test('a plain CR takes a frame as z does', async (t) => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, t: '\r' })
    const bus = await adapter.open()
    t.after(() => bus.close())
    await bus.send(frame(1))
  })

  test('a lost answer fails its frame only, when the adapter is alive', async (t) => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, t: inTurn('', 'z\r') })
    const bus = await adapter.open({}, {}, { answerMs: 30 })
    t.after(() => bus.close())
    const sends = await Promise.allSettled([bus.send(frame(1)), bus.send(frame(2))])
    assert.deepEqual(
      sends.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    )
    const [first] = sends
    assert.match(String(first?.status === 'rejected' && first.reason), /CanBusFault.*0x1: .*did not say/)
  })

  test('an adapter that falls silent, restarts or is unplugged is a fault, told once', async () => {
    const cases: [says: RegExp, happens: (adapter: ScriptedAdapter) => void][] = [
      [/said nothing for 30 ms/, (adapter) => (adapter.script = {})],
      [/closed its channel/, (adapter) => (adapter.script = { F: '\x07' })],
      [/line to the adapter ended/, (adapter) => adapter.unplug()],
      [/line to the adapter ended/, (adapter) => adapter.unplug(new Error('EIO'))],
    ]
    for (const [says, happens] of cases) {
      const adapter = new ScriptedAdapter()
      const bus = await adapter.open({}, {}, { answerMs: 30, statusMs: 30 })
      let faults = 0
      bus.onFault(() => faults++)
      const fault = nextFault(bus)
      happens(adapter)
      assert.match((await fault).message, says)
      await assert.rejects(bus.send(frame(1)), says)
      await bus.close()
      assert.equal(faults, 1)
    }
  })

  test('an unplugged adapter rejects the frames that wait', async () => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, t: '' })
    const bus = await adapter.open()
    const sends = [bus.send(frame(1)), bus.send(frame(2))]
    adapter.unplug()
    for (const send of await Promise.allSettled(sends)) {
      assert.ok(send.status === 'rejected' && send.reason instanceof CanBusFault)
    }
    await bus.close()
  })

  test('frames that the flags tell to be lost are counted, and told as error frames', async (t) => {
    for (const flags of ['F01\r', 'F08\r', 'F09\r']) {
      const adapter = new ScriptedAdapter({ ...LAWICEL, F: inTurn('F00\r', flags, 'F00\r') })
      const bus = await adapter.open({}, {}, { statusMs: 20 })
      t.after(() => bus.close())
      const error = nextError(bus)
      assert.deepEqual(await nextLoss(bus), { frames: 1, exact: false })
      const { errorClass, data } = await error
      assert.deepEqual([errorClass, data[1]], [0x04, 0x01])
    }
  })

  test('flags of the bus become error frames, and no loss', async (t) => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, F: inTurn('F00\r', 'FA0\r', 'F00\r') })
    const bus = await adapter.open({}, {}, { statusMs: 20 })
    t.after(() => bus.close())
    const { errorClass, data, timestampUs } = await nextError(bus)
    assert.deepEqual([errorClass, data[1]], [0x84, 0x30])
    assert.ok(Number.isSafeInteger(timestampUs))
    const active = await nextError(bus)
    assert.deepEqual([active.errorClass, active.data[1]], [0x04, 0x40])
    assert.deepEqual(bus.lost, { frames: 0, exact: true })
  })

  test('a garbled or cut line is a lost frame at least, what one fault tore apart is one', async (t) => {
    const adapter = new ScriptedAdapter()
    const bus = await adapter.open()
    t.after(() => bus.close())
    const heard = ids(bus, 3)
    adapter.say('t12300001\rt1242AA\x07BB0001\rt12500001\r')
    // Two characters of the stamp are missing, then the stamp.
    adapter.say('t126000\rt12800001\rt1270\r')
    assert.deepEqual(await heard, [0x123, 0x125, 0x128])
    adapter.say('zz\r')
    await bus.send(frame(1))
    assert.deepEqual(bus.lost, { frames: 3, exact: false })
    assert.equal(bus.garbage.lines, 4)
    assert.equal(bus.garbage.last?.problem, 'bad-length')
  })

  test('after a stall the flags are read before the frames behind it are told', async (t) => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, F: inTurn('F00\r', 't12400002\rF01\r', 'F00\r') })
    const bus = await adapter.open({}, {}, { statusMs: 3_600_000 })
    t.after(() => bus.close())
    const order: string[] = []
    bus.onFrame(({ id }) => order.push(id.toString(16)))
    bus.onLoss(({ frames }) => order.push(`lost ${frames}`))
    const heard = ids(bus, 2)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
    adapter.say('t12300001\r')
    await heard
    assert.deepEqual(order, ['lost 1', '123', '124'])
  })

  test('an answer that waited while the thread stood still is no silence', async (t) => {
    const adapter: ScriptedAdapter = new ScriptedAdapter({
      ...LAWICEL,
      t() {
        // In the turn after the deadline's timer.
        setImmediate(() => adapter.say('z\r'))
        return ''
      },
    })
    const bus = await adapter.open({}, {}, { answerMs: 50 })
    t.after(() => bus.close())
    await new Promise((resolve) => setImmediate(resolve))
    const sent = bus.send(frame(1))
    await Promise.resolve()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    await sent
  })

  test('frames that were held back after a stall are told when the adapter is unplugged', async () => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, F: inTurn('F00\r', '') })
    const bus = await adapter.open({}, {}, { statusMs: 3_600_000, answerMs: 3_000 })
    const heard = ids(bus, 1)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
    adapter.say('t12300001\r')
    while (adapter.commands.at(-1) !== 'F') await new Promise((resolve) => setImmediate(resolve))
    setImmediate(() => setImmediate(() => adapter.unplug()))
    assert.deepEqual(await heard, [0x123])
    await bus.close()
  })

  test('more frames than the send queue holds are refused', async (t) => {
    const adapter = new ScriptedAdapter()
    const bus = await adapter.open({}, { sendQueue: 2 })
    t.after(() => bus.close())
    const sends = [bus.send(frame(1)), bus.send(frame(2))]
    await assert.rejects(bus.send(frame(3)), CanSendQueueFull)
    await Promise.all(sends)
  })

  test('a listener refuses to send', async (t) => {
    const adapter = new ScriptedAdapter()
    const bus = await adapter.open({ listenOnly: true })
    t.after(() => bus.close())
    assert.ok(adapter.commands.includes('L') && !adapter.commands.includes('O'))
    await assert.rejects(bus.send(frame(1)), CanFrameNotCarried)
  })

  test('the channel is closed behind the last frame', async () => {
    const adapter = new ScriptedAdapter()
    const bus = await adapter.open()
    await bus.send(frame(1))
    await bus.close()
    assert.deepEqual(adapter.commands.slice(-2), ['t0010', 'C'])
    assert.ok(adapter.host.destroyed)
  })

  test('FD firmware carries FD frames, without the ESI bit', async (t) => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, Y: '\r', b: 'z\r' })
    const bus = await adapter.open({ dataBitrate: 2_000_000 })
    t.after(() => bus.close())
    const fd = { ...frame(0x10, 1), fd: true, bitrateSwitch: true }
    await bus.send(fd)
    assert.equal(adapter.commands.at(-1), 'b010101')
    await assert.rejects(bus.send({ ...fd, errorStateIndicator: true }), CanFrameNotCarried)
    const heard = new Promise<CanFrame>((resolve) => bus.onFrame(resolve))
    adapter.say('d0101FF0001\r')
    const { fd: isFd, bitrateSwitch } = await heard
    assert.deepEqual([isFd, bitrateSwitch], [true, undefined])
  })
})
