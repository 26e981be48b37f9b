import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { canConvert } from './can-convert.js'
import { testFolder, world } from './can-test-world.js'

const folder = testFolder()

for (const [name, cut, kept] of [
  ['cut.log', '(1.000000) can0 123#1122\n(1.100000) can0 124#33\n(1.200000) can0 125#4', 2],
  [
    'cut.asc',
    'base hex  timestamps absolute\n 0.000000 CANFD   Start of measurement\n 0.1 1 123 Rx d 1 11\n 0.2 1 124 Rx d 2 11',
    1,
  ],
  ['cut.trc', ';$FILEVERSION=2.1\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n 1 17.4 DT 1 0100 Rx - 1 00\n 2 18.', 1],
  ['bad-top.trc', '(1.0)\n 1)      1059.9  0300  1  00 \n', 1],
  ['bad-top', '# recorded in the lab\n1.000000 123#00\n(1.000000) can0 123#1122\n', 1],
] as const) {
  test(`${name}: the frames beside a bad line are kept, and --strict writes nothing`, async () => {
    const [log, out] = [folder.path(name), folder.path(`${name}.kept.log`)]
    writeFileSync(log, cut)
    const here = world()
    assert.equal(await canConvert(log, out, {}, here.io), 5)
    assert.equal(readFileSync(out, 'utf8').trimEnd().split('\n').length, kept)
    assert.equal(here.told.filter((line) => /:\d+:\d+: /.test(line)).length, 1, here.told.join('\n'))
    const strict = folder.path(`${name}.strict.log`)
    await assert.rejects(canConvert(log, strict, { strict: true }, world().io), {
      name: 'CanLogSyntaxError',
    })
    assert.ok(!existsSync(strict))
  })
}
