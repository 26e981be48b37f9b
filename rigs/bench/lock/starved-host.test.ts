/** The lock's controller gets no processor for longer than the guard's patience, while the board has one to itself. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadProfile } from '../profile.js'
import { openLockBench } from './lock-bench.js'
import { moveBolt } from './move-bolt.js'

/** Shorter than a host that hangs, longer than the firmware's 450 hardware ms at twice real time. */
const STALL_MS = 800

test('a host without a processor in mid-travel is late: the board waits for it, and cuts nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'starved-'))
  const profile = loadProfile('virtual')
  const bench = await openLockBench({ ...profile, rig: `starved-host-${process.pid}` }, folder)
  try {
    const board = bench.virtual
    assert.ok(board)
    const hardware = await bench.connect()
    await moveBolt(hardware, 'down')
    const moving = moveBolt(hardware, 'up')
    moving.catch(() => undefined) // awaited below
    while ((await board.hardwareElapsed(5)).bolt !== 'between');
    // This process is the host: it neither reads nor writes.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS)
    const { ending, fault, readings } = await moving
    assert.deepEqual([ending, fault, readings.bolt], ['done', null, 'up'])
  } finally {
    const { confirmed } = await bench.close()
    assert.ok(confirmed)
    await rm(folder, { recursive: true })
  }
})
