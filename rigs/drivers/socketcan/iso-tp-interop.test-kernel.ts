/**
 * Our ISO-TP against the kernel's (can-isotp, by can-utils' isotpsend and isotprecv), each on its own interface.
 *
 * Environment: LOCKSTEP_CAN_INTERFACES, two interfaces of one bus (or one that both share); LOCKSTEP_REQUIRE_ISOTP=1
 * makes a kernel without can-isotp a failure.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { existsSync, readFileSync } from 'node:fs'
import type { IsoTpAddress } from '../../../reference/can/iso-tp-address.js'
import { openIsoTp, type IsoTpLink, type IsoTpOptions } from '../../../reference/can/iso-tp-link.js'
import type { CanBus } from '../../../reference/ports/can-bus.js'
import { isotprecv, isotpsend, KernelIsoTpFailed, kernelIsoTpProblem } from './kernel-iso-tp.js'
import { BACK_ENDS, openNode } from './kernel-test-bus.js'

const [OURS, THEIRS = OURS] = (process.env['LOCKSTEP_CAN_INTERFACES'] ?? '').split(',').filter(Boolean)
const REQUIRED = process.env['LOCKSTEP_REQUIRE_ISOTP'] === '1'
/** Emulated processors are slow: what is judged here is the protocol, not its time. */
const PATIENT = {
  transmitTimeoutMs: 30_000,
  flowControlTimeoutMs: 30_000,
  consecutiveTimeoutMs: 30_000,
}
/** Linux's CANFD_MTU: struct canfd_frame. */
const FD_MTU = 72
const TRIES = 3

interface Variant {
  readonly title: string
  readonly options?: Partial<IsoTpOptions>
  /** Of isotpsend and isotprecv. */
  readonly args?: readonly string[]
  /** Of isotprecv alone. */
  readonly receiving?: readonly string[]
  readonly address?: Partial<{ readonly peerAddress: number; readonly ownAddress: number }>
  readonly extended?: boolean
  readonly bytes?: number
}

const VARIANTS: readonly Variant[] = [
  { title: 'the defaults of both' },
  { title: 'one byte', bytes: 1 },
  { title: 'seven bytes, a full single frame', bytes: 7 },
  { title: 'eight bytes, the shortest in two frames', bytes: 8 },
  { title: 'the longest of 12 bits', bytes: 4_095 },
  // 5,000 bytes is the most that can-utils 2020.11 takes.
  { title: 'a length of 32 bits', options: { maxBytes: 8_000 }, bytes: 4_999 },
  {
    title: 'padding that the kernel checks',
    options: { padding: 0xaa },
    args: ['-p', 'AA:AA', '-P', 'a'],
  },
  { title: 'no padding', options: { padding: undefined } },
  {
    title: 'blocks of three, 500 µs apart',
    options: { blockSize: 3, separationMs: 0.5 },
    receiving: ['-b', '3', '-m', 'F5'],
  },
  {
    title: 'blocks of four, 2 ms apart',
    options: { blockSize: 4, separationMs: 2 },
    receiving: ['-b', '4', '-m', '02'],
  },
  {
    title: 'extended addressing, one address each',
    address: { peerAddress: 0x10, ownAddress: 0xf1 },
    args: ['-x', 'F1:10', '-p', 'CC:CC', '-P', 'a'],
  },
  { title: '29-bit ids', extended: true },
]

const FD_VARIANTS: readonly Variant[] = [64, 20, 8].flatMap((txDl) => [
  {
    title: `FD frames of ${txDl} bytes`,
    options: { fd: { txDl, bitrateSwitch: false } },
    args: ['-L', `${FD_MTU}:${txDl}:0`],
  },
  {
    title: `a single FD frame of ${txDl} bytes`,
    options: { fd: { txDl, bitrateSwitch: false } },
    args: ['-L', `${FD_MTU}:${txDl}:0`],
    bytes: txDl > 8 ? txDl - 2 : 7,
  },
])

/** Whatever is lost on the way: the test ends. */
const TEST_MS = 120_000

const payloadOf = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 0xff)

function addressing({ address = {}, extended = false }: Variant) {
  const [ours, theirs]: [number, number] = extended ? [0x18da10f1, 0x18daf110] : [0x6a0, 0x6a8]
  const text = (id: number) =>
    id
      .toString(16)
      .toUpperCase()
      .padStart(extended ? 8 : 3, '0')
  const own = { transmitId: ours, receiveId: theirs, extended, ...address } as IsoTpAddress
  return { own, heardId: ours, args: ['-s', text(theirs), '-d', text(ours)] }
}

/** The next message, or why it was dropped. */
const nextMessage = (link: IsoTpLink) =>
  new Promise<Uint8Array>((resolve, reject) => {
    link.onMessage(resolve)
    link.onFault(reject)
  })

const carriesFd = (name: string) =>
  Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8').trim()) >= FD_MTU

/**
 * Emulated controllers pass frames on as fast as they come, and an SJA1000 has room for four of the longest (64 bytes):
 * more than these must not be under way at once, or those that its kernel does not fetch in time are lost.
 */
const hasController = (name: string) => existsSync(`/sys/class/net/${name}/device`)

/** A kernel that lacks what a test needs: a failure where it was promised, else a reason to skip. */
function isoTpMissing(): string | undefined {
  if (!OURS) return 'LOCKSTEP_CAN_INTERFACES names no interface'
  return kernelIsoTpProblem()
}

const missing = isoTpMissing()
if (missing && REQUIRED) {
  test('the kernel has ISO-TP', () => assert.fail(missing))
} else if (missing) {
  test('ISO-TP against the kernel', { skip: missing }, () => undefined)
} else {
  const [mine, other] = [OURS ?? '', THEIRS ?? '']
  describe(`ISO-TP on ${mine} and the kernel's on ${other}`, () => {
    const emulated = hasController(mine) || hasController(other)
    const ours = emulated ? { ...PATIENT, blockSize: 4 } : PATIENT
    const theirs = emulated ? ['-b', '4'] : []
    let node: CanBus
    before(async () => void (node = await openNode(BACK_ENDS[0], mine)))
    after(() => node.close())

    const openLink = (address: IsoTpAddress, options: Partial<IsoTpOptions>) =>
      openIsoTp(node, address, { ...ours, ...options })

    /** Linux's N_Bs and N_Cr are a second, fixed: a machine that is held up for so long is given another try, aloud. */
    async function attempt(
      t: TestContext,
      open: () => IsoTpLink,
      exchange: (link: IsoTpLink) => Promise<void>,
      tries = TRIES,
    ): Promise<void> {
      const link = open()
      try {
        return await exchange(link)
      } catch (error) {
        if (!(error instanceof KernelIsoTpFailed) || tries === 1) throw error
        t.diagnostic(`tried again: ${error.message}`)
      } finally {
        link.close()
      }
      return attempt(t, open, exchange, tries - 1)
    }

    const variants = carriesFd(mine) && carriesFd(other) ? [...VARIANTS, ...FD_VARIANTS] : VARIANTS
    for (const variant of variants) {
      const { title, options = {}, args = [], receiving = theirs, bytes = 4_000 } = variant
      const { own, args: ids, heardId } = addressing(variant)

      const open = () => openLink(own, options)

      test(`to the kernel: ${title}, ${bytes} bytes`, { timeout: TEST_MS }, (t) =>
        attempt(t, open, async (link) => {
          const { message } = await isotprecv([...ids, ...args, ...receiving], other, heardId)
          const [received] = await Promise.all([message, link.send(payloadOf(bytes))])
          assert.deepEqual(received, payloadOf(bytes))
        }),
      )

      test(`from the kernel: ${title}, ${bytes} bytes`, { timeout: TEST_MS }, (t) =>
        attempt(t, open, async (link) => {
          const sent = isotpsend([...ids, ...args, other], payloadOf(bytes))
          const [received] = await Promise.all([nextMessage(link), sent])
          assert.deepEqual(received, payloadOf(bytes))
        }),
      )
    }

    const { own, args } = addressing({ title: '' })

    test('the kernel waits while our link is paused', { timeout: TEST_MS }, async (t) => {
      const watcher = await openNode(BACK_ENDS[0], other)
      t.after(() => watcher.close())
      const open = () => openLink(own, { waitIntervalMs: 200 })
      await attempt(t, open, async (link) => {
        link.pause()
        let waits = 0
        const unsubscribe = watcher.onFrame(({ id, data }) => {
          if (id === own.transmitId && data[0] === 0x31 && ++waits === 2) link.resume()
        })
        t.after(unsubscribe)
        const sent = isotpsend([...args, other], payloadOf(300))
        const [received] = await Promise.all([nextMessage(link), sent])
        assert.deepEqual(received, payloadOf(300))
        assert.equal(waits, 2)
      })
    })

    test(
      'a message longer than we take is refused, and the kernel gives it up',
      { timeout: TEST_MS },
      async (t) => {
        const link = openLink(own, { maxBytes: 100 })
        t.after(() => link.close())
        const fault = new Promise<Error>((resolve) => link.onFault(resolve))
        await assert.rejects(isotpsend([...args, other], payloadOf(101)), KernelIsoTpFailed)
        assert.equal((await fault).name, 'IsoTpOverflow')
      },
    )
  })
}
