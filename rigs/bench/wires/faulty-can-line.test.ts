import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanBus, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { seededRandom } from '../../simulated/seeded-random.js'
import {
  faultyCanLine,
  first,
  flipping,
  losing,
  masquerading,
  repeating,
  sometimes,
  sticking,
  type FaultyCanLine,
  type FrameFault,
} from './faulty-can-line.js'

interface Line {
  readonly sender: CanBus
  readonly line: FaultyCanLine
  readonly heard: string[]
  readonly send: (...frames: readonly (readonly [number, ...number[]])[]) => Promise<void>
}

async function withLine(fault: FrameFault | undefined, run: (line: Line) => Promise<void>): Promise<void> {
  const can = createMemoryCan()
  const sender = can.join('SENDER')
  const line = faultyCanLine(can.join('RECEIVER'))
  const heard: string[] = []
  line.onFrame(({ id, data }: ReceivedCanFrame) => heard.push(`${id}:${[...data].join(',')}`))
  if (fault) line.inject(fault)
  try {
    const send = async (...frames: readonly (readonly [number, ...number[]])[]) => {
      for (const [id, ...data] of frames)
        await sender.send({ id, extended: false, data: Uint8Array.from(data) })
    }
    await run({ sender, line, heard, send })
  } finally {
    await line.close()
    await can.close()
  }
}

const one = ({ id }: ReceivedCanFrame) => id === 1

for (const [what, fault, expected] of [
  ['without a fault everything arrives', undefined, ['1:10', '2:20', '1:11', '2:21', '1:12']],
  ['a loss takes what was chosen', losing(one), ['2:20', '2:21']],
  ['a loss that passes takes the first only', losing(first(1, one)), ['2:20', '1:11', '2:21', '1:12']],
  ['a flip turns the one bit', flipping(one, 1), ['1:8', '2:20', '1:9', '2:21', '1:14']],
  ['a flip beyond the data turns none', flipping(one, 8), ['1:10', '2:20', '1:11', '2:21', '1:12']],
  [
    'a repetition comes right after its frame',
    repeating(one),
    ['1:10', '1:10', '2:20', '1:11', '1:11', '2:21', '1:12', '1:12'],
  ],
  ['what sticks is the first', sticking(one), ['1:10', '2:20', '1:10', '2:21', '1:10']],
  [
    'a masquerade has the other’s data under its own id',
    masquerading(one, ({ id }) => id === 2),
    ['1:10', '2:20', '1:20', '2:21', '1:21'],
  ],
] as const) {
  test(what, async () => {
    await withLine(fault, async ({ heard, send }) => {
      await send([1, 10], [2, 20], [1, 11], [2, 21], [1, 12])
      assert.deepEqual(heard, expected)
    })
  })
}

test('a fault that is mended is gone, and the others stay', async () => {
  await withLine(
    losing(({ id }) => id === 2),
    async ({ line, heard, send }) => {
      const mend = line.inject(repeating(one))
      await send([1, 1], [2, 2])
      mend()
      await send([1, 1], [2, 2])
      assert.deepEqual(heard, ['1:1', '1:1', '1:1'])
    },
  )
})

test('faults work one after the other: what the first made is the second’s', async () => {
  await withLine(repeating(one), async ({ line, heard, send }) => {
    line.inject(flipping(one, 0))
    await send([1, 0])
    assert.deepEqual(heard, ['1:1', '1:1'])
  })
})

test('the same seed disturbs the same frames', async () => {
  const disturbed = async (seed: number) => {
    let sequence = ''
    await withLine(losing(sometimes(0.5, seededRandom(seed), one)), async ({ heard, send }) => {
      for (let n = 0; n < 32; n++) await send([1, n])
      sequence = heard.join(' ')
    })
    return sequence
  }
  const [once, again, other] = [await disturbed(7), await disturbed(7), await disturbed(8)]
  assert.equal(once, again)
  assert.notEqual(once, other)
})

test('what the node sends goes out untouched', async () => {
  await withLine(
    losing(() => true),
    async ({ sender, line, heard }) => {
      const received: number[] = []
      sender.onFrame(({ id }) => received.push(id))
      await line.send({ id: 1, extended: false, data: Uint8Array.of(1) })
      assert.deepEqual([received, heard], [[1], []])
    },
  )
})
