/** Needs Debian's gcc and libuv1-dev: `apt-get install gcc libuv1-dev`. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { addonRecord, binaryHashes, BUILD_SCRIPT } from './addon-sources.js'
import { addonFile } from './kernel-socket.js'

test('the committed addon is what its sources give, byte for byte', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-addon-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const printed = execFileSync('bash', [BUILD_SCRIPT, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const built = binaryHashes(folder)
  const { binaries, compiler } = addonRecord()
  t.diagnostic(
    `built ${Object.keys(built).join(', ')}: ${printed.trim().split(': ').at(-1)}; committed: ${compiler}`,
  )
  assert.ok(
    basename(addonFile(process.platform, process.arch)) in built,
    'the one for this machine was built',
  )
  for (const [name, hash] of Object.entries(built)) {
    assert.equal(hash, binaries[name], `${name} differs; it was committed by gcc ${compiler}`)
  }
})
