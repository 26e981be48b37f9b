import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanBusUnavailable, type CanUnavailableReason } from '../../../reference/ports/can-bus.js'
import { probeInterface, type ProbedSystem } from './interface-probe.js'
import { openSocketCan } from './open-socket-can.js'

/** As `ip -j -d link show` of iproute2 6.1 writes them, less what is not about CAN. */
const VCAN0 =
  '[{"ifindex":2,"ifname":"vcan0","flags":["NOARP","UP","LOWER_UP"],"mtu":72,"qdisc":"noqueue","operstate":"UNKNOWN","txqlen":1000,"link_type":"can","linkinfo":{"info_kind":"vcan"}}]'
const CAN0 =
  '[{"ifindex":3,"ifname":"can0","flags":["NOARP","UP","LOWER_UP","ECHO"],"mtu":16,"qdisc":"pfifo_fast","operstate":"UP","txqlen":10,"link_type":"can","linkinfo":{"info_kind":"can","info_data":{"state":"ERROR-ACTIVE","restart_ms":0,"bittiming":{"bitrate":500000,"sample_point":"0.875","tq":125,"prop_seg":6,"phase_seg1":7,"phase_seg2":2,"sjw":1,"brp":1}}}}]'

interface FakeInterface {
  readonly type: number
  readonly flags?: string
  readonly mtu?: number
  readonly index?: number
  readonly sendQueueLength?: number
  readonly ip?: string
}

const VCAN = { type: 280, mtu: 72, flags: '0x81', index: 2, sendQueueLength: 1_000, ip: VCAN0 }
const CAN = { type: 280, mtu: 16, flags: '0x40081', index: 3, sendQueueLength: 10, ip: CAN0 }

function fakeSystem(
  interfaces: Readonly<Record<string, FakeInterface>>,
  changes: Partial<ProbedSystem> = {},
): ProbedSystem {
  const attributes = (name: string): Readonly<Record<string, string>> => {
    const of = interfaces[name]
    if (!of) return {}
    return {
      type: `${of.type}\n`,
      flags: `${of.flags ?? '0x81'}\n`,
      mtu: `${of.mtu ?? 1_500}\n`,
      ifindex: `${of.index ?? 1}\n`,
      tx_queue_len: `${of.sendQueueLength ?? 10}\n`,
    }
  }
  return {
    platform: 'linux',
    release: '6.1.0-test',
    read: (path) => {
      const [, name = '', what = ''] = /^\/sys\/class\/net\/([^/]+)\/(\w+)$/.exec(path) ?? []
      return attributes(name)[what]
    },
    list: (path) => (path === '/sys/class/net' ? Object.keys(interfaces) : []),
    exists: (path) => path === '/proc/net/can',
    linkDetails: async (name) => interfaces[name]?.ip,
    ...changes,
  }
}

const probe = (name: string, system: ProbedSystem, bitrate?: number) =>
  probeInterface({ url: `socketcan:${name}`, interface: name, bitrate }, system)

async function requireRefusal(
  attempt: Promise<unknown>,
  reason: CanUnavailableReason,
  ...said: readonly RegExp[]
): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof CanBusUnavailable, String(error))
    assert.equal(error.reason, reason)
    for (const text of said) assert.match(error.message, text)
    return true
  })
}

test('a virtual interface is FD-capable and knows its kind', async () => {
  assert.deepEqual(await probe('vcan0', fakeSystem({ vcan0: VCAN })), {
    name: 'vcan0',
    index: 2,
    fd: true,
    kind: 'vcan',
    sendQueueLength: 1_000,
  })
})

test('an interface with the small frames of classic CAN is not FD-capable', async () => {
  const { fd, kind, sendQueueLength } = await probe('can0', fakeSystem({ can0: CAN }), 500_000)
  assert.deepEqual({ fd, kind, sendQueueLength }, { fd: false, kind: 'can', sendQueueLength: 10 })
})

test('the interface is found without the ip tool, too, and with one that has no JSON', async () => {
  for (const ip of [undefined, '2: can0: <NOARP,UP,LOWER_UP>']) {
    const system = fakeSystem({ can0: CAN }, { linkDetails: async () => ip })
    const { fd, kind } = await probe('can0', system)
    assert.deepEqual({ fd, kind }, { fd: false, kind: undefined })
  }
})

test('another bitrate than the one asked for is refused, with both named', () =>
  requireRefusal(
    probe('can0', fakeSystem({ can0: CAN }), 250_000),
    'wrong-bitrate',
    /500000.*250000/,
    /ip link set can0/,
  ))

test('a bitrate that nobody can read is refused, not believed', () =>
  requireRefusal(
    probe('can0', fakeSystem({ can0: CAN }, { linkDetails: async () => undefined }), 500_000),
    'wrong-bitrate',
    /apt-get install iproute2/,
  ))

test('a virtual interface has no bitrate and takes any', async () => {
  await probe('vcan0', fakeSystem({ vcan0: VCAN }), 250_000)
})

test('an unknown name is refused with the CAN interfaces that are there', () =>
  requireRefusal(
    probe('can7', fakeSystem({ lo: { type: 772 }, can0: CAN, vcan0: VCAN })),
    'no-such-interface',
    /no network interface can7/,
    /can0, vcan0/,
  ))

test('an unknown name where there is no CAN interface tells how to make one', () =>
  requireRefusal(
    probe('vcan0', fakeSystem({ lo: { type: 772 } })),
    'no-such-interface',
    /ip link add dev vcan0 type vcan/,
  ))

test('an interface that is not CAN is told apart from one that is not there', () =>
  requireRefusal(probe('lo', fakeSystem({ lo: { type: 772 }, can0: CAN })), 'not-can', /type 772/, /can0/))

test('an interface that is down is refused with the command that brings it up', async () => {
  const down = { flags: '0x80' }
  await requireRefusal(
    probe('can0', fakeSystem({ can0: { ...CAN, ...down } }), 250_000),
    'interface-down',
    /ip link set can0 up type can bitrate 250000/,
  )
  await requireRefusal(
    probe('vcan0', fakeSystem({ vcan0: { ...VCAN, ...down } })),
    'interface-down',
    /ip link set vcan0 up$/,
  )
})

test('a kernel without CAN is named as such', () =>
  requireRefusal(
    probe('can0', fakeSystem({}, { exists: () => false })),
    'no-af-can',
    /6\.1\.0-test/,
    /test:vcan/,
  ))

test('a kernel that would load CAN as a module has it', () =>
  requireRefusal(
    probe(
      'can0',
      fakeSystem(
        {},
        {
          exists: () => false,
          read: (path) =>
            path === '/lib/modules/6.1.0-test/modules.dep'
              ? 'kernel/net/can/can-raw.ko: kernel/net/can/can.ko\n'
              : undefined,
        },
      ),
    ),
    'no-such-interface',
  ))

test('another operating system is named as such', () =>
  requireRefusal(probe('can0', fakeSystem({}, { platform: 'darwin' })), 'no-af-can', /darwin/))

test('an interface that this machine does not have is refused by name, whatever its kernel', async () => {
  await assert.rejects(
    openSocketCan({ interface: 'nocan99', url: 'socketcan:nocan99' }),
    (error) =>
      error instanceof CanBusUnavailable &&
      ['no-af-can', 'no-such-interface'].includes(error.reason) &&
      error.url === 'socketcan:nocan99',
  )
})
