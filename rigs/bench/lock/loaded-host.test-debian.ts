/**
 * A host that is busy on every processor: the board falls behind the wall, and the lock's verdicts stay the same, since
 * they are made on the board's own time. Needs Debian's util-linux (taskset), one load on each processor.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import { loadProfile } from '../profile.js'
import { openLockBench } from './lock-bench.js'
import { moveBolt } from './move-bolt.js'

/** The board's speed at which a host counts as loaded: 0.6 of real time, with some room for the machine's mood. */
const LOADED_SPEED = 0.75
const LOADS_PER_PROCESSOR = 2
/**
 * Niceness of the board's process, lowered until the board is as slow as that: it needs a twentieth of a processor, and
 * a scheduler gives it as much beside any number of equals. Whatever else runs goes first, as on a host without end.
 */
const NICENESS = [5, 10, 15, 19]

interface Outcome {
  readonly verdicts: readonly string[]
  /** Hardware milliseconds a wall millisecond. */
  readonly speed: number
}

/** Travels, a refused rise, a jam, and the safe state, on a virtual bench of its own. */
async function judgeLock(firmware: FirmwareKind, niceness = 0): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'loaded-'))
  const virtual = loadProfile('virtual')
  const lock = { ...virtual.lock, firmware, timeScale: 1 }
  const bench = await openLockBench({ ...virtual, rig: `loaded-${process.pid}`, lock }, folder)
  const verdicts: string[] = []
  let speed = 0
  try {
    const board = bench.virtual
    assert.ok(board)
    const hardware = await bench.connect()
    // Not before: StandardFirmata's start of 2.5 s would take longer than a bench waits for a board.
    await beNice(board.pid, niceness)
    const move = async (target: 'up' | 'down') => {
      const { ending, fault, readings } = await moveBolt(hardware, target)
      verdicts.push(`${target}: ${ending} ${fault ?? ''}, ${readings.bolt}`)
    }
    const from = { hardwareMs: (await board.observe()).hardwareMs, wallMs: performance.now() }
    await move('down')
    await move('up')
    await move('down')
    await board.setVehiclePresent(true)
    await move('up')
    await board.setVehiclePresent(false)
    await board.jamAt(70)
    await move('up')
    await board.jamAt(null)
    speed = ((await board.observe()).hardwareMs - from.hardwareMs) / (performance.now() - from.wallMs)
  } finally {
    const { confirmed } = await bench.close()
    verdicts.push(confirmed ? 'safe' : 'not safe')
    await rm(folder, { recursive: true })
  }
  return { verdicts, speed }
}

/** Where the kernel shares time by session (CONFIG_SCHED_AUTOGROUP), the session's niceness is the one that counts. */
async function beNice(sessionLeader: number, niceness: number): Promise<void> {
  setPriority(sessionLeader, niceness)
  const autogroup = `/proc/${sessionLeader}/autogroup`
  if (existsSync(autogroup)) await writeFile(autogroup, String(niceness))
}

/** Processors that this process may use, e.g. 0-1. */
async function processors(): Promise<number[]> {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** Keeps each processor busy until the test is over. */
async function loadTheHost(t: TestContext): Promise<void> {
  const running: ChildProcess[] = []
  t.after(() => running.forEach((load) => load.kill('SIGKILL')))
  for (const processor of await processors()) {
    for (let i = 0; i < LOADS_PER_PROCESSOR; i++) {
      const load = spawn('taskset', ['-c', String(processor), process.execPath, '-e', 'for(;;);'], {
        stdio: 'ignore',
        detached: true, // a session of its own: a scheduler that shares by session gives it a share of its own
      })
      running.push(load)
      await once(load, 'spawn')
    }
  }
}

test(
  'On a host that is busy on every processor the lock judges as on an idle one',
  { timeout: 300_000 },
  async (t) => {
    const firmwares: readonly FirmwareKind[] = ['lockstep', 'standard-firmata']
    const idle = new Map<FirmwareKind, Outcome>()
    for (const firmware of firmwares) idle.set(firmware, await judgeLock(firmware))
    await loadTheHost(t)
    for (const firmware of firmwares) {
      const expected = idle.get(firmware)
      let speed = Infinity
      for (const niceness of NICENESS) {
        const loaded = await judgeLock(firmware, niceness)
        speed = loaded.speed
        t.diagnostic(
          `${firmware}: ${speed.toFixed(2)} of real time at niceness ${niceness}, idle ${expected?.speed.toFixed(2)}`,
        )
        assert.deepEqual(loaded.verdicts, expected?.verdicts)
        if (speed <= LOADED_SPEED) break
      }
      assert.ok(speed <= LOADED_SPEED, 'the host was never busy enough to show anything')
    }
    t.diagnostic(`verdicts: ${idle.get('lockstep')?.verdicts.join(' · ')}`)
  },
)
