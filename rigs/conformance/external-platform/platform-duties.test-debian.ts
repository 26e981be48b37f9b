import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../../reference/package-root.js'
import { startPythonPlatform } from './python-platform.js'

const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
const FEATURE = join(packageRoot, 'features', 'parties', 'platform.feature')

test('a platform written in Python from the contracts does every duty of one', async (t) => {
  const platform = await startPythonPlatform()
  t.after(() => platform.close())
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      LOCKSTEP,
      'run',
      FEATURE,
      '--rig',
      platform.profileFile,
      '--evidence',
      join(platform.folder, 'evidence'),
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, cwd: platform.folder },
  )
  assert.equal(status, 0, `${stdout.slice(-6_000)}\n${stderr.slice(-2_000)}`)
  assert.match(stdout, /^\d+ passed, 0 failed$/m)
})
