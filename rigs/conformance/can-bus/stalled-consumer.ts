import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { CanBus } from '../../../reference/ports/can-bus.js'
import type { OpenTwoNodes } from './two-nodes.js'

/** Another process that sends, so that it goes on while the consumer's stalls. */
export interface BurstSource {
  /** URL of a module that exports `openBurstNode(address: string): Promise<CanBus>`. */
  readonly module: string
  /** Tells that module where the bus of the two nodes is; asked after they are open. */
  readonly address: () => string
}

/** What a burst source's module exports. */
export interface BurstModule {
  readonly openBurstNode: (address: string) => Promise<CanBus>
}

const FRAMES = 20_000
const STALL_MS = 2_500
/** Small beside the burst, so that a driver that keeps frames for the consumer must drop some too. */
const RECEIVE_BUFFER = 4_096
/** How much longer than the last one each fence frame is waited for: only the last one counts, and it may be late. */
const FENCE_MS = 500
const FENCES = 12

export const BURST_ID = 0x100
export const FENCE_ID = 0x101

/**
 * 20,000 frames come in while the consumer's thread does nothing for 2.5 s. Then a frame behind them all, the fence,
 * is heard; by then each frame was received or is counted as lost.
 */
export async function requireAllAccountedFor(
  name: string,
  openTwoNodes: OpenTwoNodes,
  burst: BurstSource,
  t: TestContext,
): Promise<void> {
  const nodes = await openTwoNodes({ b: { receiveBuffer: RECEIVE_BUFFER } })
  const sender = fork(fileURLToPath(new URL('burst-sender.js', import.meta.url)), [
    burst.module,
    burst.address(),
  ])
  const said = async (expected: string) => {
    const [message] = (await once(sender, 'message')) as [unknown]
    assert.equal(message, expected)
  }
  try {
    await said('ready')
    let received = 0
    let fenceHeard: (() => void) | undefined
    let fences = 0
    nodes.b.onFrame(({ id, data }) => {
      received++
      // On a slow machine an earlier fence may come while a later one is on its way.
      if (id === FENCE_ID && data[0] === fences) fenceHeard?.()
    })
    const sent = said('sent')
    sender.send({ send: FRAMES })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS)
    await sent

    const fence = async (): Promise<void> => {
      if (++fences > FENCES) throw new Error('the bus does not come back after the stall')
      const answer = said('sent')
      const heard = await new Promise<boolean>((resolve) => {
        const deadline = setTimeout(() => resolve(false), FENCE_MS * fences)
        fenceHeard = () => {
          clearTimeout(deadline)
          resolve(true)
        }
        sender.send({ fence: fences })
      })
      await answer
      if (!heard) await fence()
    }
    await fence()

    const { frames: lost, exact } = nodes.b.lost
    const total = FRAMES + fences
    t.diagnostic(`${name}: ${total} sent = ${received} received + ${exact ? '' : '≥'}${lost} reported lost`)
    if (nodes.b.features.countsLoss) {
      assert.ok(exact, 'this driver says that it can count what it loses')
      assert.equal(received + lost, total)
    } else {
      assert.ok(received + lost <= total, 'no more is reported than was sent')
      assert.equal(lost > 0, received < total, 'a loss is reported if and only if there was one')
    }
  } finally {
    sender.disconnect()
    await nodes.close()
    if (sender.exitCode === null) await once(sender, 'exit')
  }
}
