/** What a real kernel's interface does to an open node. Needs root, iproute2 and can-utils inside that kernel. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  CanBusClosed,
  CanBusFault,
  CanBusUnavailable,
  CanFrameNotCarried,
  CanSendQueueFull,
  type CanBus,
  type CanErrorFrame,
  type CanLoss,
  type CanUnavailableReason,
} from '../../../reference/ports/can-bus.js'
import { classic, content, hear } from '../../conformance/can-bus/two-nodes.js'
import { BACK_ENDS, INTERFACE_A, openNode, openTwoNodes, run, until } from './kernel-test-bus.js'

/** Process ids of all children of that name; the threads of this process start them. */
function processes(name: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const [, state] = /\) (\S)/.exec(readFileSync(`/proc/${entry}/stat`, 'latin1')) ?? []
        return readFileSync(`/proc/${entry}/comm`, 'latin1').trim() === name && state !== 'Z'
      } catch {
        return false
      }
    })
    .map(Number)
}
const noChildren = () => processes('candump').length + processes('canplayer').length === 0

const openFiles = () => readdirSync('/proc/self/fd').length

/** The bus's only fault, once it comes. */
function nextFault(bus: CanBus): { readonly heard: Promise<CanBusFault>; count(): number } {
  let count = 0
  const heard = new Promise<CanBusFault>((resolve) => {
    bus.onFault((fault) => {
      count++
      resolve(fault)
    })
  })
  return { heard, count: () => count }
}

async function requireRefusal(attempt: Promise<CanBus>, reason: CanUnavailableReason, text: RegExp) {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof CanBusUnavailable, String(error))
    assert.equal(error.reason, reason)
    assert.match(error.message, text)
    return true
  })
}

let made = 0
/** A virtual interface of the test's own. */
async function withVirtual(settings: readonly string[], use: (name: string) => Promise<void>): Promise<void> {
  const name = `vtest${made++}`
  run('ip', 'link', 'add', 'dev', name, 'type', 'vcan')
  try {
    for (const setting of settings) run('ip', 'link', 'set', name, ...setting.split(' '))
    await use(name)
  } finally {
    try {
      run('ip', 'link', 'del', name)
    } catch {
      // The test has taken it away.
    }
  }
}

async function sendUntilRefused(bus: CanBus): Promise<unknown> {
  for (;;) {
    try {
      await bus.send(classic(1, [1]))
    } catch (error) {
      return error
    }
  }
}

const onVirtualOnly = INTERFACE_A.startsWith('vcan')

for (const backEnd of BACK_ENDS) {
  describe(`SocketCAN in a kernel, ${backEnd}`, () => {
    test('an interface that is not there is refused by name, with those that are', () =>
      requireRefusal(openNode(backEnd, 'nocan0'), 'no-such-interface', new RegExp(INTERFACE_A)))

    test('an interface that is not CAN is refused by name', () =>
      requireRefusal(openNode(backEnd, 'lo'), 'not-can', /type 772/))

    test('frames of cansend are heard as frames of others, the same bytes sent by us as own', async () => {
      const nodes = await openTwoNodes(backEnd, { a: { receiveOwn: true } })
      const { a, b } = nodes
      try {
        const heard = hear(a, 4)
        await a.send(classic(0x123, [0xaa]))
        run('cansend', INTERFACE_A, '123#BB')
        run('cansend', INTERFACE_A, '123#AA')
        await a.send(classic(0x123, [0xaa]))
        assert.deepEqual(
          (await heard).map(({ data, own = false }) => [data[0], own]),
          [
            [0xaa, true],
            [0xbb, false],
            [0xaa, false],
            [0xaa, true],
          ],
        )
        assert.deepEqual(b.lost, { frames: 0, exact: true })
      } finally {
        await nodes.close()
      }
    })

    test('more frames than may wait are refused, the others go out in order', async () => {
      const nodes = await openTwoNodes(backEnd, { a: { sendQueue: 8 } })
      const { a, b } = nodes
      try {
        const heard = hear(b, 8)
        const sends = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => a.send(classic(n, []))))
        const refused = sends.flatMap((sent) => (sent.status === 'rejected' ? [sent.reason as unknown] : []))
        assert.equal(refused.length, 12)
        assert.ok(refused.every((error) => error instanceof CanSendQueueFull))
        assert.deepEqual(
          (await heard).map(({ id }) => id),
          [0, 1, 2, 3, 4, 5, 6, 7],
        )
      } finally {
        await nodes.close()
      }
    })

    test('opening and closing leaves no file and no child behind', async (t) => {
      const cycle = async () => (await openNode(backEnd, INTERFACE_A, { receiveOwn: true })).close()
      const cycles = Number(process.env['LOCKSTEP_CAN_CYCLES'] ?? 5)
      await cycle()
      const before = openFiles()
      for (let n = 0; n < cycles; n++) await cycle()
      t.diagnostic(`open files before ${cycles} cycles: ${before}, after: ${openFiles()}`)
      assert.equal(openFiles(), before)
      assert.ok(noChildren())
    })

    if (!onVirtualOnly) return

    test('an interface that is down is refused, with the command that brings it up', () =>
      withVirtual([], (name) =>
        requireRefusal(openNode(backEnd, name), 'interface-down', new RegExp(`ip link set ${name} up`)),
      ))

    test('FD frames on a classic interface are refused by name, and classic ones go through', () =>
      withVirtual(['mtu 16', 'up'], async (name) => {
        const bus = await openNode(backEnd, name, { receiveOwn: true })
        try {
          assert.equal(bus.features.fd, false)
          await assert.rejects(bus.send({ ...classic(1, [1]), fd: true }), CanFrameNotCarried)
          const heard = hear(bus, 1)
          await bus.send(classic(1, [1]))
          assert.deepEqual((await heard).map(content), [content(classic(1, [1]))])
        } finally {
          await bus.close()
        }
      }))

    test("the controller's error frames are heard apart from the others", async () => {
      const bus = await openNode(backEnd, INTERFACE_A)
      try {
        let frames = 0
        bus.onFrame(() => frames++)
        const error = new Promise<CanErrorFrame>((resolve) => bus.onErrorFrame(resolve))
        run('cansend', INTERFACE_A, '20000204#000102030405607F')
        const { errorClass, data } = await error
        assert.deepEqual([errorClass, Buffer.from(data).toString('hex')], [0x204, '000102030405607f'])
        assert.equal(frames, 0)
      } finally {
        await bus.close()
      }
    })

    test('frames that the controller had no room for are told as lost, at least one', async () => {
      const bus = await openNode(backEnd, INTERFACE_A)
      try {
        const lost = new Promise<CanLoss>((resolve) => bus.onLoss(resolve))
        // CAN_ERR_CRTL with CAN_ERR_CRTL_RX_OVERFLOW.
        run('cansend', INTERFACE_A, '20000004#0001000000000000')
        assert.deepEqual(await lost, { frames: 1, exact: false })
      } finally {
        await bus.close()
      }
    })

    for (const [what, change, said] of [
      ['goes down', (name: string) => run('ip', 'link', 'set', name, 'down'), /went down/],
      ['is taken away', (name: string) => run('ip', 'link', 'del', name), /is gone|went down/],
    ] as const) {
      test(`when its interface ${what}, a node tells it once, refuses to send, and closes`, () =>
        withVirtual(['up'], async (name) => {
          const bus = await openNode(backEnd, name)
          const fault = nextFault(bus)
          await bus.send(classic(1, [1]))
          change(name)
          // It only listens: nothing but the interface's state can tell it.
          const { message } = await fault.heard
          const refused = await sendUntilRefused(bus)
          assert.ok(refused instanceof CanBusFault, String(refused))
          assert.match(message, said)
          assert.match(message, new RegExp(`^socketcan:${name}`))
          await bus.close()
          await assert.rejects(bus.send(classic(1, [])), CanBusClosed)
          assert.equal(fault.count(), 1)
          assert.ok(noChildren())
        }))
    }

    test("when the kernel's queue is full, the sender waits, and nothing is lost, doubled or out of order", () =>
      withVirtual(['up'], async (name) => {
        const [a, b] = await Promise.all([openNode(backEnd, name), openNode(backEnd, name)])
        try {
          // A bus of 10 frames in its queue at 500 frames/s or so.
          run(
            'tc',
            'qdisc',
            'add',
            'dev',
            name,
            'root',
            'tbf',
            'rate',
            '64kbit',
            'burst',
            '160',
            'limit',
            '160',
          )
          const frames = Array.from({ length: 100 }, (_, n) => classic(0x100 + n, [n]))
          const heard = hear(b, frames.length)
          await Promise.all(frames.map((frame) => a.send(frame)))
          assert.deepEqual((await heard).map(content), frames.map(content))
          assert.match(run('tc', '-s', 'qdisc', 'show', 'dev', name), /dropped [1-9]/, 'the queue was full')
          assert.deepEqual(b.lost, { frames: 0, exact: true })
        } finally {
          await Promise.all([a.close(), b.close()])
        }
      }))
  })
}

if (BACK_ENDS.includes('pipe')) {
  describe('SocketCAN in a kernel, children of the pipe', () => {
    for (const child of ['candump', 'canplayer']) {
      test(`when ${child} is killed, the node tells it, and closes`, async () => {
        const bus = await openNode('pipe', INTERFACE_A)
        const fault = nextFault(bus)
        await bus.send(classic(1, []))
        const [id] = processes(child)
        assert.ok(id !== undefined)
        process.kill(id, 'SIGKILL')
        assert.match((await fault.heard).message, new RegExp(`${child} ended: killed by SIGKILL`))
        await assert.rejects(bus.send(classic(1, [])), CanBusFault)
        await bus.close()
        assert.ok(noChildren())
      })
    }

    test('when the whole process is killed, its children are gone', async () => {
      const holder = fork(fileURLToPath(new URL('./kernel-holder.js', import.meta.url)))
      await once(holder, 'message')
      assert.equal(processes('candump').length, 1)
      holder.kill('SIGKILL')
      await once(holder, 'exit')
      await until('the children are gone', noChildren)
    })
  })
}
