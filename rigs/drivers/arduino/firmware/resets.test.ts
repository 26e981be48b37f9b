import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockPinMap } from '../../../pin-map.js'
import { firmata } from '../firmata-wire.js'
import { identityIn, lockstep } from '../lockstep-wire.js'
import { lockstepFirmataHashes } from './lockstep-firmata.js'
import { FirmwareBench } from './test-firmware-bench.js'

const { relay } = lockPinMap
const lastDrive = (bench: FirmwareBench, pin: number) =>
  bench.edges.filter((edge) => edge.pin === pin).at(-1)?.drive

test('What the chip started from is told: reset line, brown-out, power-on; an energised actuator is off', () => {
  const bench = FirmwareBench.booted('lockstep')
  const causes = [
    ['resetLine', 'reset-line'],
    ['brownOut', 'brown-out'],
  ] as const
  for (const [reset, told] of causes) {
    bench.drive(90)
    assert.equal(lastDrive(bench, relay.pin), 'high')
    bench.board.reset(reset)
    bench.run(30)
    assert.equal(lastDrive(bench, relay.pin), 'low')
    const { resetCauses, armed } = bench.status()
    assert.deepEqual([resetCauses, armed], [[told], false])
  }
  bench.board.powerOff()
  bench.board.powerOn()
  bench.run(30)
  assert.deepEqual(bench.status().resetCauses, ['power-on'])
})

test('A board that stands still says nothing and holds its pins, and only a reset ends it', () => {
  const bench = FirmwareBench.booted('lockstep')
  bench.drive(90)
  bench.board.freeze()
  const frozenAt = bench.board.cycle
  bench.take()
  bench.say(firmata.askVersion())
  bench.run(5_000)
  assert.deepEqual(bench.take(), [])
  assert.equal(lastDrive(bench, relay.pin), 'high')
  assert.ok(bench.board.cycle > frozenAt, 'time goes on')
  bench.board.reset()
  bench.run(30)
  assert.equal(lastDrive(bench, relay.pin), 'low')
  assert.equal(bench.take()[0]?.type, 'version')
})

test('A host is answered to all that johnny-five asks within 300 ms of the reset', () => {
  const bench = new FirmwareBench(FirmwareBench.image('lockstep'))
  bench.board.powerOn()
  bench.run(20)
  bench.say(firmata.askVersion(), firmata.askFirmware(), [0xf0, 0x6b, 0xf7], [0xf0, 0x69, 0xf7])
  bench.say(lockstep.askIdentity(), lockstep.askStatus())
  while (bench.nowMs < 300 && !bench.messages.some(identityIn)) bench.run(1)
  const identity = bench.messages.map(identityIn).find((found) => found !== undefined)
  assert.equal(identity?.sourceSha256, lockstepFirmataHashes().sourceSha256)
  assert.ok(bench.nowMs < 150, `${bench.nowMs} ms`)
})

test('Noise on the line neither arms a board nor stops it from listening', () => {
  const bench = FirmwareBench.booted('lockstep')
  let state = 1
  for (let round = 0; round < 200; round++) {
    const noise = Array.from({ length: 50 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state >>> 24
    })
    bench.say(noise)
    bench.run(10)
  }
  bench.say([0xf7])
  assert.equal(bench.status().armed, false)
  assert.deepEqual(
    bench.edges.filter(({ pin, drive }) => pin === relay.pin && drive === 'high'),
    [],
  )
})
