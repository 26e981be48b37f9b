import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, watch } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import type { HardwareLoss } from '../../../reference/ports/lock-hardware.js'
import { awaitSample } from '../../conformance/lock-hardware.js'
import { connectArduinoLock } from '../../drivers/arduino/arduino-lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import type { PlantTrace } from '../../simulated/lock-plant/lock-plant.js'
import { startBoard } from '../board/board-client.js'
import type { DoomedReport } from './doomed-runner.js'
import { SAFE_STATE_FILE, type SafeStateProof } from './safe-state.js'
import { startSupervisor } from './supervisor-client.js'

const STUCK = { timeout: 120_000 }

async function evidenceFolderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

async function readProof(folder: string): Promise<SafeStateProof> {
  return JSON.parse(await readFile(join(folder, SAFE_STATE_FILE), 'utf8')) as SafeStateProof
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** @returns whether it became true before the deadline, wall milliseconds */
async function becomesTrue(isTrue: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (!isTrue()) {
    if (performance.now() > deadline) return false
    await wait(50)
  }
  return true
}

const allGone = (pids: readonly number[], withinMs: number) => becomesTrue(() => !pids.some(lives), withinMs)

test('A supervisor that finds no board says so instead of getting ready', STUCK, async (t) => {
  const evidenceFolder = await evidenceFolderFor(t)
  const nowhere = { host: '127.0.0.1', port: 1 }
  await assert.rejects(startSupervisor({ uart: nowhere, rig: 'nowhere', evidenceFolder }), /ECONNREFUSED/)
})

/** Starts a runner that raises the bolt, and waits until the bolt is on its way. */
async function startDoomedRunner(t: TestContext, folder: string, heartbeatTimeoutMs: number) {
  const module = fileURLToPath(new URL('./doomed-runner.js', import.meta.url))
  const runner = fork(module, [folder, String(heartbeatTimeoutMs)])
  t.after(() => runner.kill('SIGKILL'))
  const report = await new Promise<DoomedReport>((resolve, reject) => {
    runner.once('message', (message) => resolve(message as DoomedReport))
    runner.once('exit', (code) => reject(new Error(`the runner ended by itself (${code})`)))
  })
  return { runner, ...report }
}

test('A runner that is killed in mid-travel leaves a proven safe state and no process', STUCK, async (t) => {
  const folder = await evidenceFolderFor(t)
  const { runner, boardPid, supervisorPid } = await startDoomedRunner(t, folder, 3_000)
  runner.kill('SIGKILL')

  assert.equal(await allGone([boardPid, supervisorPid], 5_000), true)

  const proof = await readProof(folder)
  assert.equal(proof.reason, 'runner-lost')
  assert.equal(proof.problem, null)
  assert.equal(proof.confirmed, true)
  assert.equal(proof.readback?.actuatorSupplied, false)
  const trace = (await readFile(join(folder, 'plant.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PlantTrace)
  assert.ok(trace.some((record) => record.supplied && record.currentAmps > 0.2))
  const last = trace.at(-1)
  assert.deepEqual([last?.supplied, last?.currentAmps, last?.limitUp], [false, 0, false])
})

test(
  'The supervisor relays one client, and makes safe when asked, when it goes, and in vain',
  STUCK,
  async (t) => {
    const evidenceFolder = await evidenceFolderFor(t)
    const board = await startBoard({ evidenceFolder, position: wgs84(31.2304, 121.4737) })
    t.after(() => board.close())
    const supervisor = await startSupervisor({
      uart: board.uart,
      rig: 'test',
      evidenceFolder,
      heartbeatTimeoutMs: 1_500,
    })
    t.after(() => supervisor.close())
    const open = () => connectArduinoLock({ stream: connect(supervisor.relay), pins: lockPinMap })

    await t.test(
      'asked to, it takes the line from the client and proves that the supply is off',
      async () => {
        const lock = await open()
        const lost = new Promise<HardwareLoss>((resolve) => lock.onLost(resolve))
        await board.jamAt(70)
        lock.drive('down')
        await awaitSample(lock, 'a stall', (sample) => sample.motorCurrentAmps > 2)
        const proof = await supervisor.makeSafe()
        assert.deepEqual([proof.reason, proof.confirmed], ['asked', true])
        assert.ok((proof.readback?.motorCurrentAmps ?? 9) < 0.1)
        assert.deepEqual(await readProof(evidenceFolder), proof)
        assert.equal(await lost, 'link-closed')
        assert.equal((await board.observe()).supplied, false)
        await board.jamAt(null)
      },
    )

    await t.test(
      'a client that goes without a word leaves no supply; the next client is served',
      async () => {
        const stream = connect(supervisor.relay)
        const lock = await connectArduinoLock({ stream, pins: lockPinMap })
        lock.drive('up')
        await awaitSample(lock, 'supply', (sample) => sample.actuatorSupplied)
        stream.destroy()
        const next = await open()
        assert.equal(next.sample.actuatorSupplied, false)
        const proof = await readProof(evidenceFolder)
        // The next controller has the line: what was proven before it came is an attempt of the past.
        assert.deepEqual(
          [proof.confirmed, proof.attempts.at(-1)?.reason, proof.attempts.at(-1)?.confirmed],
          [false, 'client-lost', true],
        )
        next.drive('up')
        await awaitSample(next, 'the bolt up', (sample) => sample.limitUp)
        await next.close()
      },
    )

    await t.test('a controller that hangs is found out while the runner lives', async () => {
      const module = fileURLToPath(new URL('./fixtures/driving-client.js', import.meta.url))
      const client = fork(module, [String(supervisor.relay.port)])
      t.after(() => client.kill('SIGKILL'))
      await once(client, 'message')
      client.kill('SIGSTOP')
      const hung = async () => (await readProof(evidenceFolder)).attempts.at(-1)?.reason === 'client-hung'
      for await (const _change of watch(evidenceFolder)) if (await hung()) break
      assert.equal((await readProof(evidenceFolder)).confirmed, true)
      assert.equal((await board.observe()).supplied, false)
    })

    await t.test('a board without power cannot be read back, and the proof says so', async () => {
      await board.cutPower()
      const proof = await supervisor.makeSafe()
      assert.equal(proof.confirmed, false)
      assert.equal(proof.readback, null)
      assert.match(proof.problem ?? '', /does not answer|stopped to answer/)
      await board.restorePower()
    })

    await t.test('a line that loses bytes and picks up others is asked again until it answers', async () => {
      await board.spoilLine('from-board', { loss: 0.1, garbage: 0.1, seed: 3 })
      await board.spoilLine('to-board', { loss: 0.1, garbage: 0.1, seed: 4 })
      assert.equal((await supervisor.makeSafe()).confirmed, true)
    })

    await t.test('the last proof is the one that is judged by, with every attempt in it', async () => {
      const proof = await supervisor.close()
      assert.equal(proof.confirmed, true)
      assert.deepEqual(await readProof(evidenceFolder), proof)
      const outcomes = proof.attempts.map(({ reason, confirmed }) => [reason, confirmed])
      assert.deepEqual(outcomes.slice(0, 2), [
        ['asked', true],
        ['client-lost', true],
      ])
      assert.ok(outcomes.some(([reason, confirmed]) => reason === 'asked' && !confirmed))
      assert.equal(await supervisor.close(), proof)
    })
  },
)
