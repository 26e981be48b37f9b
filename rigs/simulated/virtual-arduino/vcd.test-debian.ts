import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, after, describe, it } from 'node:test'
import { FirmwareBench } from '../../drivers/arduino/firmware/test-firmware-bench.js'
import { lockPinMap } from '../../pin-map.js'
import { dumpPins } from './vcd.js'

const run = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' })

/** Times of the edges in a value change dump, in its units. */
const edgeTimes = (vcd: string) => vcd.match(/^#[1-9]\d*/gm) ?? []

describe('The pin trace opens in the programs of others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vcd-'))
  const file = join(folder, 'pins.vcd')
  let vcd = ''

  before(() => {
    const bench = new FirmwareBench(FirmwareBench.image('lockstep'))
    const { relay, servo } = lockPinMap
    dumpPins(bench.board, { relay: relay.pin, servo: servo.pin }, (text) => (vcd += text))
    bench.board.powerOn()
    bench.run(30)
    bench.drive(90)
    bench.runAlive(500)
    bench.run(700)
    writeFileSync(file, vcd)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('in GTKWave: its own format and back, every edge is where it was to the cycle', () => {
    const fst = join(folder, 'pins.fst')
    run('vcd2fst', file, fst)
    assert.deepEqual(edgeTimes(run('fst2vcd', fst)), edgeTimes(vcd))
    assert.ok(edgeTimes(vcd).length > 50)
  })

  it('in sigrok, as PulseView imports it: a decoder measures pulses of 1.5 ms', () => {
    // A cycle is 625 units: sigrok would make a sample of each unit, 10 million a millisecond.
    const input = ['-I', 'vcd:downsample=10000', '-i', file]
    const told = run('sigrok-cli', ...input, '-P', 'timing:data=servo', '-A', 'timing=time')
    // To one of its samples, of 1 µs each: where the edges lie between them is chance.
    const pulses = told.match(/1\.(499|500|501) ms/g) ?? []
    assert.ok(pulses.length >= 40, `${pulses.length} pulses of 1.5 ms`)
  })
})
