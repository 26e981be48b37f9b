/** What candump writes of a bus against what we write of it. Needs can-utils inside a kernel with CAN. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, test } from 'node:test'
import { formatCandumpLine } from '../../../reference/can/candump-log.js'
import type { CanFrame } from '../../../reference/ports/can-bus.js'
import { classic, content, hear } from '../../conformance/can-bus/two-nodes.js'
import { BACK_ENDS, INTERFACE_A, openTwoNodes, run, until } from './kernel-test-bus.js'

const CLASSIC: CanFrame[] = [
  classic(0, []),
  classic(0x7ff, [0, 1, 0xfe, 0xff, 4, 5, 6, 7]),
  classic(0x7ff, [1], true),
  classic(0x1fffffff, [0xde, 0xad], true),
  { ...classic(0x123, []), remote: true, remoteLength: 5 },
]
const CLASSIC_OF_CANSEND = ['5A1#11223344', '12345678#', '321#R3']

/** Every length of an FD frame, in both formats, with and without BRS and ESI. */
const FD: CanFrame[] = [0, 1, 8, 12, 16, 20, 24, 32, 48, 64].map((length, n) => ({
  ...classic(
    0x400 + n,
    Array.from({ length }, (_, at) => (at * 29 + n) & 0xff),
    n % 2 === 1,
  ),
  fd: true,
  bitrateSwitch: (n & 2) !== 0,
  errorStateIndicator: (n & 4) !== 0,
}))
/** Flags: nothing, BRS, ESI, both. */
const FD_OF_CANSEND = ['123##0', '123##1AABB', `1ABCDEF0##2${'C3'.repeat(12)}`, `7FF##3${'5A'.repeat(64)}`]

/** What cansend was told in a candump line; the kernel adds to the flags that the frame is FD. */
const toldOf = (line: string) =>
  line
    .split(' ')[2]
    ?.replace(/##([0-9A-F])/, (_, flags: string) => `##${(parseInt(flags, 16) & 3).toString()}`)

for (const backEnd of BACK_ENDS) {
  describe(`candump beside a node, ${backEnd}`, () => {
    test("candump's log of our frames and of cansend's equals ours, byte for byte", async (t) => {
      const nodes = await openTwoNodes(backEnd)
      const { a, b } = nodes
      const candump = spawn('stdbuf', ['-oL', 'candump', '-L', INTERFACE_A])
      try {
        let log = ''
        candump.stdout.on('data', (chunk: Buffer) => (log += chunk.toString('latin1')))
        const { fd } = a.features
        const frames = fd ? [...CLASSIC, ...FD] : CLASSIC
        const foreign = fd ? [...CLASSIC_OF_CANSEND, ...FD_OF_CANSEND] : CLASSIC_OF_CANSEND
        // candump does not say when it listens.
        while (log === '') {
          const fence = hear(b, 1)
          await a.send(classic(0x700, []))
          await fence
        }
        const heard = hear(b, frames.length + foreign.length)
        for (const frame of frames) await a.send(frame)
        for (const frame of foreign) run('cansend', INTERFACE_A, frame)
        const received = await heard
        const ours = received.map((frame) =>
          formatCandumpLine({ frame, timestampUs: frame.timestampUs, channel: INTERFACE_A }),
        )
        await until('candump has written', () => log.trimEnd().endsWith(ours.at(-1)?.split(' ')[2] ?? ''))
        assert.deepEqual(log.trimEnd().split('\n').slice(-ours.length), ours)
        assert.deepEqual(received.slice(0, frames.length).map(content), frames.map(content))
        assert.deepEqual(ours.slice(frames.length).map(toldOf), foreign)
        t.diagnostic(
          `${ours.length} lines are equal, ${fd ? FD.length + FD_OF_CANSEND.length : 0} of FD frames`,
        )
      } finally {
        candump.kill()
        await nodes.close()
      }
    })
  })
}
