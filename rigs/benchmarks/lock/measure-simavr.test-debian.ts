import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runOnVirtualBoard } from './measure-ours.js'
import { buildSimavr } from './measure-simavr.js'
import { servoAndTwoChannels } from './workload.js'

test('simavr and the virtual board do the same with the same image: as many pulses, as many bytes', (t) => {
  const simavr = buildSimavr()
  assert.ok('run' in simavr, 'unavailable' in simavr ? simavr.unavailable : '')
  t.after(() => simavr.close())
  for (const firmware of ['standard-firmata', 'lockstep'] as const) {
    const workload = { ...servoAndTwoChannels(firmware), measuredMs: 1_000 }
    const ours = runOnVirtualBoard(workload)
    const theirs = simavr.run(workload)
    assert.ok(ours.servoPulses >= 45, `${ours.servoPulses} pulses`)
    assert.ok(Math.abs(ours.servoPulses - theirs.servoPulses) <= 2)
    assert.ok(Math.abs(ours.bytesSent - theirs.bytesSent) <= 0.02 * ours.bytesSent + 6)
  }
})
