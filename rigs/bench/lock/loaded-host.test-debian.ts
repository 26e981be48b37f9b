/**
 * A host that is busy on every processor: the board falls behind the wall, and the lock's verdicts stay the same, since
 * they are made on the board's own time. Needs Debian's util-linux (taskset), one load on each processor.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import { loadProfile } from '../profile.js'
import { openLockBench } from './lock-bench.js'
import { moveBolt } from './move-bolt.js'

/** The board's speed at which a host counts as loaded: 0.6 of real time, with some room for the machine's mood. */
const LOADED_SPEED = 0.75
/** The board's own process: whatever else runs goes first, as in a container that has used up its share. */
const LOW_PRIORITY = 10
/** Loads on each processor; added until the board is as slow as that. */
const MOST_LOADS = 12

interface Outcome {
  readonly verdicts: readonly string[]
  /** Hardware milliseconds a wall millisecond. */
  readonly speed: number
}

/** Travels, a refused rise, a jam, and the safe state, on a virtual bench of its own. */
async function judgeLock(firmware: FirmwareKind, boardPriority = 0): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'loaded-'))
  const virtual = loadProfile('virtual')
  const lock = { ...virtual.lock, firmware, timeScale: 1 }
  const bench = await openLockBench({ ...virtual, rig: `loaded-${process.pid}`, lock }, folder)
  const verdicts: string[] = []
  let speed = 0
  try {
    const board = bench.virtual
    assert.ok(board)
    setPriority(board.pid, boardPriority)
    const hardware = await bench.connect()
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

/** Processors that this process may use, e.g. 0-1. */
async function processors(): Promise<number[]> {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

function loads(t: TestContext) {
  const running: ChildProcess[] = []
  t.after(() => running.forEach((load) => load.kill('SIGKILL')))
  return async () => {
    for (const processor of await processors()) {
      const load = spawn('taskset', ['-c', String(processor), process.execPath, '-e', 'for(;;);'], {
        stdio: 'ignore',
        detached: true, // a session of its own: a scheduler that shares by session gives it a share of its own
      })
      await once(load, 'spawn')
      running.push(load)
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
    const addLoad = loads(t)
    for (const firmware of firmwares) {
      let loaded: Outcome | undefined
      let perProcessor = 0
      while ((loaded?.speed ?? Infinity) > LOADED_SPEED && perProcessor < MOST_LOADS) {
        await addLoad()
        await addLoad()
        perProcessor += 2
        loaded = await judgeLock(firmware, LOW_PRIORITY)
        t.diagnostic(
          `${firmware}: ${perProcessor} more loads a processor: ${loaded.speed.toFixed(2)} of real time, idle ${idle.get(firmware)?.speed.toFixed(2)}`,
        )
        assert.deepEqual(loaded.verdicts, idle.get(firmware)?.verdicts)
      }
      assert.ok(
        (loaded?.speed ?? Infinity) <= LOADED_SPEED,
        'the host was never busy enough to show anything',
      )
    }
    t.diagnostic(`verdicts: ${idle.get('lockstep')?.verdicts.join(' · ')}`)
  },
)
