import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CanBusUnavailable, type CanUnavailableReason } from '../../../reference/ports/can-bus.js'
import { SETTINGS } from './fixtures/adapter-client.js'
import { LAWICEL, ScriptedAdapter, type Script } from './fixtures/scripted-adapter.js'
import { openSlcan } from './open-slcan.js'

const unavailable = (reason: CanUnavailableReason, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CanBusUnavailable, String(error))
  assert.equal(error.reason, reason, error.message)
  assert.match(error.message, says)
  return true
}
const without = (...letters: string[]): Script =>
  Object.fromEntries(Object.entries(LAWICEL).filter(([letter]) => !letters.includes(letter)))
const HASTE = { answerMs: 30 }

describe('opening an SLCAN adapter', () => {
  test('it is flushed, closed, asked for its name, set up and opened, in this order', async () => {
    const adapter = new ScriptedAdapter()
    const bus = await adapter.open()
    assert.deepEqual(adapter.commands, ['', '', '', 'C', 'V', 'N', 'S6', 'Z1', 'O', 'F'])
    assert.deepEqual(bus.features, {
      fd: false,
      remote: true,
      rawDlc: false,
      errorFrames: true,
      timestamps: 'adapter',
      countsLoss: false,
      backEnd: 'SLCAN adapter V1013 NA123',
    })
    await bus.close()
  })

  test('an adapter that was left open, half way through a line, is opened anew', async () => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, '': '\x07', C: '\x07' })
    adapter.say('1122\rt1000')
    const bus = await adapter.open()
    assert.equal(bus.garbage.lines, 0)
    assert.deepEqual(bus.lost, { frames: 0, exact: true })
    await bus.close()
  })

  test('an adapter without name, time stamps and flags is taken as it is, and says so', async () => {
    for (const script of [
      without('V', 'N', 'Z', 'F'),
      { ...LAWICEL, V: '\x07', N: '\x07', Z: '\x07', F: '\x07' },
    ]) {
      const bus = await new ScriptedAdapter(script).open({}, {}, HASTE)
      assert.equal(bus.features.timestamps, 'host')
      assert.equal(bus.features.errorFrames, false)
      assert.equal(bus.features.backEnd, 'SLCAN adapter without a name, which does not tell what it loses')
      await bus.close()
    }
  })

  test('firmware that names itself without the V is known by that', async () => {
    const adapter = new ScriptedAdapter({ ...LAWICEL, V: 'CANable-b158aa7 github.com/x\r', N: '\x07' })
    const bus = await adapter.open()
    assert.equal(bus.features.backEnd, 'SLCAN adapter VCANable-b158aa7 github.com/x')
    await bus.close()
  })

  test('of slcanpty it is known that its flags say nothing and that it drops the length of requests', async () => {
    const bus = await new ScriptedAdapter({ ...LAWICEL, N: 'N4242\r' }).open()
    assert.equal(bus.features.errorFrames, false)
    assert.equal(bus.features.remote, false)
    await bus.close()
  })

  test('where nobody answers, the error says so', async () => {
    await assert.rejects(
      new ScriptedAdapter({}).open({}, {}, HASTE),
      unavailable('no-answer', /slcan:test.*nobody answers S6.*baud=/),
    )
    await assert.rejects(
      new ScriptedAdapter({ C: 'login: \r' }).open({}, {}, HASTE),
      unavailable('no-answer', /does not answer S6.*as an SLCAN adapter does/),
    )
    await assert.rejects(
      new ScriptedAdapter(without('O')).open({}, {}, HASTE),
      unavailable('no-answer', /answer O \(open\)/),
    )
  })

  test('a bit rate that does not exist, or that the adapter refuses, is told with those that exist', async () => {
    const adapter = new ScriptedAdapter()
    await assert.rejects(
      adapter.open({ bitrate: 750_000 }),
      unavailable('wrong-bitrate', /no 750000 bit\/s.*S0 10000.*S6 500000, S7 800000, S8 1000000/),
    )
    assert.deepEqual(adapter.commands, [], 'the adapter was left alone')
    await assert.rejects(
      new ScriptedAdapter({ ...LAWICEL, S: '\x07' }).open(),
      unavailable('wrong-bitrate', /refuses 500000 bit\/s \(S6\).*S5 250000/),
    )
    await assert.rejects(
      new ScriptedAdapter({ ...LAWICEL, Y: '\x07' }).open({ dataBitrate: 5_000_000 }),
      unavailable('fd-on-classic', /data bit rate 5000000/),
    )
  })

  test('a channel that stays closed, and a line that ends, are told', async () => {
    await assert.rejects(
      new ScriptedAdapter({ ...LAWICEL, O: '\x07' }).open(),
      unavailable('refused', /refuses to open/),
    )
    const adapter: ScriptedAdapter = new ScriptedAdapter({
      ...LAWICEL,
      S() {
        adapter.unplug()
        return ''
      },
    })
    await assert.rejects(adapter.open(), unavailable('no-such-device', /the line ended/))
  })

  test('the line is free again when the adapter could not be opened', async () => {
    const adapter = new ScriptedAdapter({})
    await assert.rejects(adapter.open({}, {}, HASTE))
    assert.ok(adapter.host.destroyed)
  })

  test('a port that is not there is told, with those that are', async () => {
    const settings = { ...SETTINGS, baudRate: 115_200 }
    await assert.rejects(
      openSlcan({ ...settings, device: '/dev/ttyACM-none' }),
      unavailable('no-such-device', /\/dev\/ttyACM-none: .*[Ss]erial ports/),
    )
    if (process.platform === 'win32') return
    await assert.rejects(
      openSlcan({ ...settings, device: '/dev/null' }),
      unavailable('no-such-device', /\/dev\/null: this is no serial port/),
    )
  })
})
