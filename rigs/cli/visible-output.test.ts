import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../reference/package-root.js'

const MAIN = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
/** Clears a screen, sets a title, in C0 and in C1, and turns the direction of writing. */
const HOSTILE = 'x\u001b[2J\u001b]0;t\u0007\u009b2J\u202ey'
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

test('nothing that a terminal obeys comes out of a log, a DBC file, an interface name, an inventory or an error', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-visible-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const dbc = file(
    'a.dbc',
    `BO_ 256 M: 8 V\n SG_ s : 0|8@1+ (1,0) [0|255] "${HOSTILE}" V\nCM_ BO_ 256 "${HOSTILE}";\n`,
  )
  const interfaceName = HOSTILE.replaceAll(' ', '')
  const log = file('a.log', `(1.000000) ${interfaceName} 100#0102030405060708\n`)
  const trc = file('a.trc', `;$FILEVERSION=1.1\n 1) 1.0 Rx 0100 8 ${HOSTILE}\n`)
  const csv = file(
    'a.csv',
    `bayId,label,lockId,latitude,longitude,pricePerHourFen\n${HOSTILE},${HOSTILE},L-1,31,121,5\nB-2,ok,L-2,${HOSTILE},121,5\n`,
  )
  const shown = [
    ['can', 'decode', '--dbc', dbc, log],
    ['can', 'convert', trc, join(folder, 'out.log')],
    ['can', 'decode', '--dbc', join(folder, HOSTILE), log],
    ['inventory', csv, '--datum', 'WGS-84'],
    ['inventory', csv, '--datum', 'WGS-84', '--json'],
    ['serve', HOSTILE],
  ].map((words) => {
    const { stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' })
    assert.doesNotMatch(stdout + stderr, OBEYED, words.join(' '))
    return stdout + stderr
  })
  assert.ok(shown.filter((text) => text.includes('\\u009b')).length >= 4, shown.join('\n'))
})
