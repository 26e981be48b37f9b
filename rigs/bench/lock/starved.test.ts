/** A virtual board that gets no processor in mid-travel is late, and nothing else; a host that hangs is cut off. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as elapsed } from 'node:timers/promises'
import type { Board } from '../board/board-client.js'
import { loadProfile } from '../profile.js'
import { openLockBench, SILENCE_MS } from './lock-bench.js'
import { describeStall, stallController } from './fixtures/stalled-controller.js'
import { moveBolt } from './move-bolt.js'

/** Raises the bolt on a virtual bench of its own, and has `stall` happen on the way. */
async function arrivesInSpiteOf(stall: (board: Board) => Promise<void> | void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'starved-'))
  const profile = loadProfile('virtual')
  const bench = await openLockBench({ ...profile, rig: `starved-${folder.slice(-6)}` }, folder)
  try {
    const board = bench.virtual
    assert.ok(board)
    const hardware = await bench.connect()
    await moveBolt(hardware, 'down')
    const moving = moveBolt(hardware, 'up')
    moving.catch(() => undefined) // awaited below
    while ((await board.hardwareElapsed(5)).bolt !== 'between');
    await stall(board)
    const { ending, fault, readings } = await moving
    assert.deepEqual([ending, fault, readings.bolt], ['done', null, 'up'])
  } finally {
    const { confirmed } = await bench.close()
    assert.ok(confirmed)
    await rm(folder, { recursive: true })
  }
}

test('a board without a processor is late: the bolt arrives, and the lock is not lost', () =>
  arrivesInSpiteOf(async ({ pid }) => {
    process.kill(pid, 'SIGSTOP')
    await elapsed(SILENCE_MS * 2) // the fault itself: so long no processor
    process.kill(pid, 'SIGCONT')
  }))

for (const timeScale of [1, 2]) {
  test(`a host that hangs meets the firmware's 450 ms, at time scale ${timeScale}`, async (t) => {
    for (const stall of await stallController(timeScale, timeScale === 1 ? [300, 500] : [300, 1_500])) {
      t.diagnostic(describeStall(stall))
      assert.equal(stall.isCut, stall.isCutExpected, describeStall(stall))
    }
  })
}
