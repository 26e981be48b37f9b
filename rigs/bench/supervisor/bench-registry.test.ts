import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { nextLine } from '../../../reference/read-lines.js'
import { isSameProcess, processStart } from '../child-process/process-identity.js'
import { announceBench, runningBenches } from './bench-registry.js'

const LINUX = { skip: process.platform !== 'linux' }

/** A registry of the test's own. @returns announces a bench, and gives the numbers of those that run */
function registry(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'))
  const before = process.env['LOCKSTEP_RUNTIME_DIR']
  process.env['LOCKSTEP_RUNTIME_DIR'] = folder
  t.after(() => {
    if (before === undefined) delete process.env['LOCKSTEP_RUNTIME_DIR']
    else process.env['LOCKSTEP_RUNTIME_DIR'] = before
    rmSync(folder, { recursive: true })
  })
  const announce = (pid: number, startTicks: number | null) =>
    announceBench({
      rig: 'x',
      board: '/dev/ttyACM0',
      pid,
      startTicks,
      runnerPid: 1,
      since: '2026-12-01T00:00:00.000Z',
      evidenceFolder: folder,
      control: join(folder, 'x.sock'),
    })
  return { announce, running: () => runningBenches().map(({ pid }) => pid) }
}

test(
  'an entry whose number another process has now is swept away; that process is not blamed',
  LINUX,
  (t) => {
    const { announce, running } = registry(t)
    const start = processStart(process.pid)
    announce(process.pid, start)
    assert.deepEqual(running(), [process.pid])
    announce(process.pid, (start ?? 0) - 100)
    assert.deepEqual(running(), [])
  },
)

test('a zombie has ended', LINUX, async (t) => {
  const { announce, running } = registry(t)
  // A shell that starts a process and becomes another program never asks for its end.
  const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.after(() => parent.kill('SIGKILL'))
  const pid = Number(await nextLine(parent.stdout))
  const start = processStart(pid)
  while (isSameProcess(pid, start)) await new Promise(setImmediate)
  process.kill(pid, 0) // its number is taken still
  announce(pid, start)
  assert.deepEqual(running(), [])
  const ended = once(parent, 'exit')
  parent.kill('SIGKILL')
  await ended
})
