import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { awaitSample } from '../../conformance/lock-hardware.js'
import type { Finding } from '../doctor/finding.js'
import { plantHands } from '../doctor/hands.js'
import { examineLock } from '../doctor/lock-doctor.js'
import { loadProfile } from '../profile.js'
import { runningBenches } from '../supervisor/bench-registry.js'
import { benchStatus } from '../supervisor/control-client.js'
import { openLockBench } from './lock-bench.js'
import { describeReadings, readingsFrom } from './lock-readings.js'
import { moveBolt } from './move-bolt.js'
import { rearmBoard } from './rearm-board.js'

const STUCK = { timeout: 120_000 }

async function benchOn(t: TestContext, profileName: string) {
  const folder = mkdtempSync(join(tmpdir(), 'rearm-'))
  const rig = `rearm-${folder.slice(-6)}`
  const profile = loadProfile(profileName)
  const bench = await openLockBench({ ...profile, rig, lock: { ...profile.lock, timeScale: 2 } }, folder)
  t.after(async () => {
    await bench.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const { virtual } = bench
  assert.ok(virtual)
  const status = async () => {
    const running = runningBenches().find((each) => each.rig === rig)
    assert.ok(running)
    return benchStatus(running)
  }
  return { bench, board: virtual, status }
}

test(
  'a latched cut-off is named wherever one looks, holds after its cause is mended, and lock rearm ends it',
  STUCK,
  async (t) => {
    const { bench, board, status } = await benchOn(t, 'virtual')
    const first = await bench.connect()
    // Not by the lock's own rules: they would release first, and this is about the board's own protection.
    first.drive('down')
    await awaitSample(
      first,
      'the bolt on its way',
      ({ limitUp, actuatorSupplied }) => !limitUp && actuatorSupplied,
    )
    await board.inject({ kind: 'both-limits' })
    const cut = await awaitSample(first, 'a cut-off', ({ cutOff }) => cutOff !== undefined)
    assert.equal(cut.cutOff, 'both-limits')
    assert.equal((await status()).readings?.cutOff?.cause, 'both-limits')
    await first.close()

    await t.test('while its cause is there it is not lifted', async () => {
      const { outcome } = await rearmBoard(bench)
      assert.equal(outcome, 'cause-remains')
      assert.equal((await bench.supervisor.makeSafe()).readback?.guard?.cutOff?.cause, 'both-limits')
    })
    await board.mend()

    await t.test('status, and the proof of the safe state, name it and its age', async () => {
      const proof = await bench.supervisor.makeSafe()
      const { cutOff } = await status()
      assert.deepEqual([cutOff?.cause, proof.readback?.guard?.cutOff?.cause], ['both-limits', 'both-limits'])
      const before = proof.readback?.guard?.cutOff?.ageMs ?? NaN
      await board.hardwareElapsed(300)
      const after = (await bench.supervisor.makeSafe()).readback?.guard?.cutOff?.ageMs ?? NaN
      assert.ok(before > 0 && after - before >= 300, `${before}, then ${after} hardware ms`)
    })

    await t.test('the bolt does not move, and its readings say why', async () => {
      const move = await moveBolt(await bench.connect(), 'up')
      assert.equal(move.ending, 'fault')
      assert.match(
        describeReadings(move.readings),
        /CUT OFF by the board \(both-limits, .* lockstep lock rearm/,
      )
    })

    await t.test(
      'doctor reports it before anything is armed, does not pass, and leaves it latched',
      async () => {
        await bench.supervisor.makeSafe()
        const findings: Finding[] = []
        const { moves } = await board.observe()
        await examineLock(bench, plantHands(board), 1, (finding) => findings.push(finding))
        const latch = findings.find(({ step }) => step === 'no cut-off latched')
        assert.equal(latch?.verdict, 'fail')
        assert.match(latch?.note ?? '', /both-limits/)
        assert.equal(findings.find(({ step }) => step === 'relay')?.verdict, 'cannot tell')
        assert.equal((await board.observe()).moves, moves)
        assert.equal((await bench.supervisor.makeSafe()).readback?.guard?.latched, true)
      },
    )

    await t.test('re-armed, it moves by the next order', async () => {
      const supplied = await board.observe()
      const { outcome, cutOff } = await rearmBoard(bench)
      assert.deepEqual([outcome, cutOff?.cause], ['rearmed', 'both-limits'])
      assert.equal((await board.observe()).moves, supplied.moves, 'nothing moved by it')
      assert.equal((await status()).cutOff, null)
      assert.equal((await rearmBoard(bench)).outcome, 'nothing-latched')
      await bench.supervisor.makeSafe()
      const hardware = await bench.connect()
      assert.equal(readingsFrom(hardware.sample).cutOff, null)
      assert.equal((await moveBolt(hardware, 'up')).ending, 'done')
    })
  },
)

test('a firmware without protections has nothing to re-arm, and says so', STUCK, async (t) => {
  const { bench } = await benchOn(t, 'virtual-standard-firmata')
  assert.equal((await rearmBoard(bench)).outcome, 'no-protections')
})
