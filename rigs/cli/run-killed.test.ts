import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../reference/package-root.js'

const LOCKSTEP = fileURLToPath(new URL('./main.js', import.meta.url))
const GONE_MS = 5_000

interface Process {
  readonly pid: number
  readonly parent: number
}

/** Processes that run; one that has ended and waits for its parent to notice does not. */
function processes(): Process[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n')
  return lines.flatMap((line) => {
    const [pid, parent, state] = line.trim().split(/\s+/)
    return state?.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent) }]
  })
}

function descendants(of: number): number[] {
  const all = processes()
  const found = [of]
  for (const pid of found) found.push(...all.filter(({ parent }) => parent === pid).map((child) => child.pid))
  return found
}

test('kill -9 of a run in mid-travel: safe state proven, every process gone within 5 s', async (t) => {
  const evidence = mkdtempSync(join(tmpdir(), 'lockstep-killed-'))
  t.after(() => rmSync(evidence, { recursive: true, force: true }))
  const feature = join(packageRoot, 'features', 'unlocking', 'stay.feature')
  const run = spawn(
    process.execPath,
    [LOCKSTEP, 'run', feature, '--rig', 'virtual', '--evidence', evidence],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  t.after(() => run.kill('SIGKILL'))

  await seenInTimeline(evidence, 'board.ndjson', 'bolt-leaves-up')
  const family = descendants(run.pid ?? 0)
  assert.ok(family.length >= 4, `run, supervisor, board and lock, not ${family.length} processes`)
  const killedAt = performance.now()
  run.kill('SIGKILL')
  await once(run, 'exit')

  const left = () => processes().filter(({ pid }) => family.includes(pid))
  while (left().length > 0 && performance.now() - killedAt < GONE_MS) await oneBreath()
  assert.deepEqual(left(), [])
  const proof = JSON.parse(readFileSync(join(evidence, 'safe-state.json'), 'utf8')) as Record<string, unknown>
  assert.equal(proof['confirmed'], true)
  assert.match(
    readFileSync(join(evidence, 'timeline', 'board.ndjson'), 'utf8'),
    /actuator-without-power[^\n]*\n$/,
  )
})

test('lockstep safe on a run in mid-travel: safe, proven, and the run ends as one that says nothing of the product', async (t) => {
  const evidence = mkdtempSync(join(tmpdir(), 'lockstep-by-hand-'))
  t.after(() => rmSync(evidence, { recursive: true, force: true }))
  // Benches of other tests have the same rig: this one is known in a folder of its own.
  const env = { ...process.env, LOCKSTEP_RUNTIME_DIR: evidence }
  const feature = join(packageRoot, 'features', 'unlocking', 'stay.feature')
  const run = spawn(
    process.execPath,
    [LOCKSTEP, 'run', feature, '--rig', 'virtual', '--evidence', evidence],
    { stdio: ['ignore', 'ignore', 'pipe'], env },
  )
  t.after(() => run.kill('SIGKILL'))
  let said = ''
  run.stderr.on('data', (text: Buffer) => (said += text.toString()))
  await seenInTimeline(evidence, 'board.ndjson', 'bolt-leaves-up')
  const ended = once(run, 'exit')
  const safe = spawnSync(process.execPath, [LOCKSTEP, 'safe', '--rig', 'virtual', '--json'], {
    env,
    encoding: 'utf8',
  })
  assert.equal(safe.status, 0, safe.stdout)
  assert.match(safe.stdout, /"through":"the running bench"[^}]*"reason":"by-hand","confirmed":true/)
  const [code] = (await ended) as [number | null]
  assert.equal(code, 3)
  assert.match(said, /made safe by hand \(lockstep safe\); the safe state is confirmed/)
})

/** Resolves when a process's timeline holds an event. */
async function seenInTimeline(evidence: string, process: string, event: string): Promise<void> {
  const folder = join(evidence, 'timeline')
  mkdirSync(folder, { recursive: true })
  const isThere = () =>
    existsSync(join(folder, process)) && readFileSync(join(folder, process), 'utf8').includes(`"${event}"`)
  for await (const _change of watch(folder)) if (isThere()) return
}

/** Lets other processes run: the kernel tells nobody when a process that is not one's child has ended. */
const oneBreath = () => once(spawn('true'), 'exit')
