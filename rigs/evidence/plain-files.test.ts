import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../reference/package-root.js'
import { NotPlainEvidence, requirePlainFiles } from './plain-files.js'

function folderOf(t: { after(end: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'plain-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'scenarios', 's1'), { recursive: true })
  writeFileSync(join(folder, 'messages.ndjson'), '')
  writeFileSync(join(folder, 'scenarios', 's1', 'can.log'), '')
  return folder
}

test('plain files and folders are evidence', (t) => requirePlainFiles(folderOf(t)))

test('links and FIFOs in an evidence folder are named and refused, wherever they stand, before they are opened', (t) => {
  const folder = folderOf(t)
  symlinkSync('/etc/passwd', join(folder, 'scenarios', 's1', 'code-1.png'))
  symlinkSync('/etc', join(folder, 'timeline'))
  execFileSync('mkfifo', [join(folder, 'run.json')])
  assert.throws(
    () => requirePlainFiles(folder),
    (error) =>
      error instanceof NotPlainEvidence &&
      ['run.json: a FIFO', 'scenarios/s1/code-1.png: a symbolic link', 'timeline: a symbolic link'].every(
        (what) => error.message.includes(what),
      ),
  )
  const lockstep = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
  const { status, stderr } = spawnSync(process.execPath, [lockstep, 'report', folder], { encoding: 'utf8' })
  assert.equal(status, 2)
  assert.match(stderr, /NotPlainEvidence/)
})
