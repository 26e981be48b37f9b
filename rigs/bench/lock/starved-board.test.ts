/** A virtual board whose process gets no processor for longer than the driver's patience: late, and nothing else. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as elapsed } from 'node:timers/promises'
import { loadProfile } from '../profile.js'
import { openLockBench, SILENCE_MS } from './lock-bench.js'
import { moveBolt } from './move-bolt.js'

test('a board without a processor in mid-travel is late: the bolt arrives, and the lock is not lost', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'starved-'))
  const profile = loadProfile('virtual')
  const bench = await openLockBench({ ...profile, rig: `starved-${process.pid}` }, folder)
  try {
    const board = bench.virtual
    assert.ok(board)
    const hardware = await bench.connect()
    await moveBolt(hardware, 'down')
    const moving = moveBolt(hardware, 'up')
    moving.catch(() => undefined) // awaited below
    while ((await board.hardwareElapsed(5)).bolt !== 'between');
    process.kill(board.pid, 'SIGSTOP')
    await elapsed(SILENCE_MS * 2) // the fault itself: so long no processor
    process.kill(board.pid, 'SIGCONT')
    const { ending, readings } = await moving
    assert.deepEqual([ending, readings.bolt], ['done', 'up'])
  } finally {
    const { confirmed } = await bench.close()
    assert.ok(confirmed)
    await rm(folder, { recursive: true })
  }
})
