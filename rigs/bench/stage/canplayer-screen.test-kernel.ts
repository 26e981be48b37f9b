/**
 * What the head unit displays, whoever brings it the T-BOX's frames: our bus in memory, the kernel's, canplayer from a
 * log of ours, or a log of candump's that we replay.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { formatCandumpLine, parseCandumpLog } from '../../../reference/can/candump-log.js'
import { frameKey } from '../../../reference/can/dbc-model.js'
import { parkingBus } from '../../../reference/contracts/parking-bus.js'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import type { CanBus, CanFrame } from '../../../reference/ports/can-bus.js'
import { DEFAULT_BUS_TIMING } from '../../../reference/vehicle/bus-timing.js'
import { startHeadUnit } from '../../../reference/vehicle/head-unit.js'
import type { HeadUnitScreen } from '../../../reference/vehicle/plan-assembly.js'
import { PlanSender, type PlanToShow } from '../../../reference/vehicle/plan-sender.js'
import { wallSchedule } from '../../../reference/vehicle/reception-guard.js'
import { BoundChild } from '../../drivers/socketcan/bound-child.js'
import { BACK_ENDS, INTERFACE_A, INTERFACE_B, openNode } from '../../drivers/socketcan/kernel-test-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'

const DEADLINE_MS = 120_000
const POLL_MS = 5
const LISTENERS = '/proc/net/can/rcvlist_all'
/** Emulated processors are slow: what is judged here is the picture, not its time. */
const TIMING = { ...DEFAULT_BUS_TIMING, ackTimeoutMs: 60_000, transportTimeoutMs: 60_000 }
const silent = { record: () => undefined }
const PLAN: PlanToShow = {
  bayId: 'B-17',
  label: '地下二层东区 17 号车位',
  location: wgs84(31.2304161, 121.4737019),
  walkMetres: 230,
  etaMinutes: 3,
  pricePerHourFen: 650,
  state: 'planned',
  unlockStep: 'requested',
}
const CHANGES = [
  { state: 'reserved', unlockStep: 'code-sent' },
  { state: 'unlocked', unlockStep: 'unlocked' },
] as const
/** The last of the plan's states. */
const isLast = (screen: HeadUnitScreen) => screen.shows === 'plan' && screen.state === 'unlocked'
/** Behind everything of ours in arbitration: where it is in a log, so is all that came before it. */
const END: CanFrame = { id: 0x7fe, extended: false, data: new Uint8Array(0) }
const isEnd = ({ id }: CanFrame) => id === END.id

/** A plan as it was on the screen. */
interface Display {
  readonly screen: HeadUnitScreen
  readonly picture: Buffer
}

/** A fresh head unit on a node: what it displays while it is fed, up to the plan's last state. */
async function displays(bus: CanBus, feed: () => Promise<void>): Promise<Display[]> {
  const headUnit = await startHeadUnit({ timing: TIMING }, { bus, log: silent })
  const seen: Display[] = []
  let deadline: NodeJS.Timeout | undefined
  const last = new Promise<void>((resolve, reject) => {
    headUnit.onChange((screen) => {
      if (screen.shows === 'plan') seen.push({ screen, picture: headUnit.picture() })
      if (isLast(screen)) resolve()
    })
    const late = () => reject(new Error(`the head unit shows ${JSON.stringify(headUnit.screen())}`))
    deadline = setTimeout(late, DEADLINE_MS)
  })
  try {
    await Promise.all([feed(), last])
    return seen
  } finally {
    clearTimeout(deadline)
    await headUnit.close()
  }
}

/** The T-BOX shows the plan in all its states, each as soon as the one before is acknowledged. */
async function showPlan(bus: CanBus): Promise<void> {
  const sender = new PlanSender(bus, TIMING, silent, wallSchedule)
  try {
    assert.deepEqual(await sender.show(PLAN), { shown: true })
    for (const change of CHANGES) assert.deepEqual(await sender.update(change), { shown: true })
  } finally {
    sender.close()
  }
}

/** On the bus in memory: what is displayed, and the T-BOX's frames as a log for canplayer. */
async function runInMemory(): Promise<{ readonly shown: Display[]; readonly log: string }> {
  const can = createMemoryCan()
  const lines: string[] = []
  can.tap((frame, node) => {
    if (node !== 'T_BOX') return
    lines.push(formatCandumpLine({ frame, timestampUs: frame.timestampUs, channel: 'can0' }))
  })
  try {
    const tBox = can.join('T_BOX')
    const shown = await displays(can.join('HEAD_UNIT'), () => showPlan(tBox))
    return { shown, log: `${lines.join('\n')}\n` }
  } finally {
    await can.close()
  }
}

/** Plays a log onto an interface at its own pace; resolves when its last frame is out. */
async function canplayer(log: string, networkInterface: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-canplayer-'))
  const file = join(folder, 'plan.log')
  writeFileSync(file, log)
  const child = new BoundChild('canplayer', ['-I', file, `${networkInterface}=can0`])
  try {
    assert.deepEqual(await child.ended, { how: 'exit code 0', stderr: '' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const listeners = () => readFileSync(LISTENERS, 'latin1').split('\n').length

/** What `candump -L` says about everything on an interface while `run` goes on, its last frame included. */
async function candump(networkInterface: string, run: () => Promise<void>): Promise<string> {
  const before = listeners()
  const child = new BoundChild('candump', ['-L', networkInterface])
  const deadline = setTimeout(() => void child.kill(), DEADLINE_MS)
  let gone: string | undefined
  let text = ''
  const ended = new Promise<void>((resolve, reject) => {
    child.process.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      if (/ 7FE#\n/.test(text)) resolve()
    })
    void child.ended.then(({ how, stderr }) => reject(new Error((gone = `candump ended: ${stderr || how}`))))
  })
  ended.catch(() => undefined)
  try {
    while (listeners() === before) {
      if (gone !== undefined) throw new Error(gone)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    await run()
    await ended
    return text
  } finally {
    clearTimeout(deadline)
    await child.kill()
  }
}

/** Every screen and every picture, byte by byte. */
function assertSame(shown: readonly Display[], expected: readonly Display[]): void {
  assert.deepEqual(
    shown.map(({ screen }) => screen),
    expected.map(({ screen }) => screen),
  )
  for (const [i, { picture }] of shown.entries()) {
    assert.ok(expected[i]?.picture.equals(picture), `picture ${i + 1} is another one`)
  }
}

let inMemory: Awaited<ReturnType<typeof runInMemory>>
before(async () => {
  inMemory = await runInMemory()
  const states = inMemory.shown.map(({ screen }) => screen.shows === 'plan' && screen.state)
  assert.deepEqual(states, [PLAN.state, ...CHANGES.map(({ state }) => state)])
  const pictures = new Set(inMemory.shown.map(({ picture }) => picture.toString('latin1')))
  assert.equal(pictures.size, states.length, 'every state has a picture of its own')
})

test('canplayer drives the head unit on the kernel’s bus to the same pictures as the T-BOX in memory', async (t) => {
  const node = await openNode(BACK_ENDS[0], INTERFACE_B)
  t.after(() => node.close())
  assertSame(await displays(node, () => canplayer(inMemory.log, INTERFACE_A)), inMemory.shown)
})

test('what candump records of T-BOX and head unit, replayed in memory, gives the same pictures', async (t) => {
  const tBox = await openNode(BACK_ENDS[0], INTERFACE_A)
  t.after(() => tBox.close())
  const headUnit = await openNode(BACK_ENDS[0], INTERFACE_B)
  t.after(() => headUnit.close())
  let live: Display[] = []
  const log = await candump(INTERFACE_A, async () => {
    live = await displays(headUnit, () => showPlan(tBox))
    await tBox.send(END)
  })
  assertSame(live, inMemory.shown)

  const senderOf = (frame: CanFrame) => parkingBus.database.byFrame.get(frameKey(frame))?.sender
  const frames = parseCandumpLog(log).flatMap(({ frame }) => (frame && !isEnd(frame) ? [frame] : []))
  assert.deepEqual(new Set(frames.map(senderOf)), new Set(['T_BOX', 'HEAD_UNIT']))
  const can = createMemoryCan()
  t.after(() => can.close())
  const replay = can.join('T_BOX')
  const replayed = await displays(can.join('HEAD_UNIT'), async () => {
    for (const frame of frames) if (senderOf(frame) === 'T_BOX') await replay.send(frame)
  })
  assertSame(replayed, inMemory.shown)
})
