import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { encodeCanDatagram } from '../../../reference/can/udp-multicast-datagram.js'
import {
  CanBusUnavailable,
  CanSendQueueFull,
  type CanBus,
  type CanFrame,
} from '../../../reference/ports/can-bus.js'
import { loopbackGroup } from './fixtures/loopback-group.js'
import { openUdpMulticast, type UdpMulticastAddress } from './open-udp-multicast.js'

const frame = (id: number): CanFrame => ({ id, extended: false, data: Uint8Array.of(1) })
/** About 100 datagrams fit Linux's smallest buffers; these surely do not. */
const FLOOD = 3_000
const SMALL = { receiveBuffer: 16 }

/** A program that is none of ours, on this machine's loopback interface. */
async function stranger(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.setMulticastInterface('127.0.0.1')
  socket.setMulticastTTL(0)
  return socket
}

const sendTo = ({ group, port }: UdpMulticastAddress, socket: Socket, bytes: Uint8Array) =>
  new Promise<void>((resolve, reject) =>
    socket.send(bytes, port, group, (error) => (error ? reject(error) : resolve())),
  )

const next = (bus: CanBus, id: number) =>
  new Promise<void>((resolve) => {
    const unsubscribe = bus.onFrame((heard) => {
      if (heard.id !== id) return
      unsubscribe()
      resolve()
    })
  })

/** Sends at once, without a turn of the event loop in between in which anybody could read. */
async function readyFlood({ group, port }: UdpMulticastAddress) {
  const socket = await stranger()
  socket.connect(port, group)
  await once(socket, 'connect')
  const datagram = encodeCanDatagram(frame(1), 0)
  const send = () =>
    new Promise<void>((resolve, reject) =>
      socket.send(datagram, (error) => (error ? reject(error) : resolve())),
    )
  return {
    start: () => Promise.all(Array.from({ length: FLOOD }, send)),
    close: () => socket.close(),
  }
}

test('what is no CAN frame is counted and named, and the frames go on', async () => {
  const address = loopbackGroup()
  const bus = await openUdpMulticast(address)
  const other = await stranger()
  const heard = next(bus, 0x123)
  for (const bytes of [
    Buffer.from('hello'),
    new Uint8Array(0),
    new Uint8Array(60_000),
    Uint8Array.of(0x81, 1, 1),
  ]) {
    await sendTo(address, other, bytes)
  }
  await sendTo(address, other, encodeCanDatagram(frame(0x123), 0))
  await heard
  assert.deepEqual(bus.malformed, { datagrams: 4, last: "key 1 is none of python-can's" })
  assert.deepEqual(bus.lost, { frames: 0, exact: true })
  other.close()
  await bus.close()
})

test('a datagram of another group on the same port is not heard', async () => {
  const address = loopbackGroup()
  const elsewhere = { ...address, group: '239.75.0.1' }
  const [bus, other] = [await openUdpMulticast(address), await openUdpMulticast(elsewhere)]
  let heard = 0
  bus.onFrame(() => heard++)
  const last = next(bus, 2)
  await other.send(frame(1))
  const sender = await openUdpMulticast(address)
  await sender.send(frame(2))
  await last
  assert.equal(heard, 1)
  await Promise.all([bus, other, sender].map((one) => one.close()))
})

test('frames that the kernel drops are counted, and told to those who listen', async () => {
  const address = loopbackGroup()
  const bus = await openUdpMulticast(address, SMALL)
  const flood = await readyFlood(address)
  let received = 0
  bus.onFrame(() => received++)
  const told = new Promise((resolve) => bus.onLoss(resolve))
  await flood.start()
  await told
  const fences = await fence(address, bus)
  assert.ok(bus.lost.frames > 0)
  assert.ok(bus.features.countsLoss && bus.lost.exact)
  assert.equal(received + bus.lost.frames, FLOOD + fences)
  flood.close()
  await bus.close()
})

const FENCE_MS = 100

/** Sends a frame behind all others until it is heard. @returns how many it took */
async function fence(address: UdpMulticastAddress, bus: CanBus): Promise<number> {
  const other = await openUdpMulticast(address)
  let fences = 0
  for (let heard = false; !heard; fences++) {
    const arrival = next(bus, 0x7ff).then(() => true)
    await other.send(frame(0x7ff))
    heard = await Promise.race([
      arrival,
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), FENCE_MS)),
    ])
  }
  await other.close()
  return fences
}

test('own frames that the kernel drops on their way back are no loss to a node that does not hear them', async () => {
  const address = loopbackGroup()
  const bus = await openUdpMulticast(address, SMALL)
  const flood = await readyFlood(address)
  let received = 0
  bus.onFrame(() => received++)
  const flooded = flood.start()
  // The buffer is full by now: the node's own frames do not come back.
  await Promise.all(Array.from({ length: 10 }, () => bus.send(frame(2))))
  await flooded
  const fences = await fence(address, bus)
  assert.equal(received + bus.lost.frames, FLOOD + fences)
  flood.close()
  await bus.close()
})

test('with filters a drop is told as at least one, since nobody knows what the filters would have let in', async () => {
  const address = loopbackGroup()
  const bus = await openUdpMulticast(address, { ...SMALL, filters: [{ id: 1, mask: 0x7ff }] })
  const flood = await readyFlood(address)
  assert.equal(bus.features.countsLoss, false)
  const told = new Promise((resolve) => bus.onLoss(resolve))
  await flood.start()
  await told
  assert.equal(bus.lost.exact, false)
  assert.ok(bus.lost.frames >= 1 && bus.lost.frames < FLOOD)
  flood.close()
  await bus.close()
})

test('a frame more than may wait is refused', async () => {
  const bus = await openUdpMulticast(loopbackGroup(), { sendQueue: 20 })
  const sent = Array.from({ length: 20 }, () => bus.send(frame(1)))
  await assert.rejects(bus.send(frame(1)), CanSendQueueFull)
  await Promise.all(sent)
  await bus.send(frame(1))
  await bus.close()
})

for (const [title, change, reason, problem] of [
  [
    'an address that is no multicast group',
    { group: '192.0.2.1' },
    'not-reachable',
    /192\.0\.2\.1 is no multicast/,
  ],
  [
    'a name in place of an address',
    { group: 'localhost' },
    'not-reachable',
    /localhost is no multicast group/,
  ],
  [
    'an interface that is not there',
    { localAddress: '192.0.2.77' },
    'no-such-interface',
    /Take one of .*127\.0\.0\.1/,
  ],
] as const) {
  test(`${title} is refused by name`, async () => {
    await assert.rejects(openUdpMulticast({ ...loopbackGroup(), ...change }), (error: CanBusUnavailable) => {
      assert.ok(error instanceof CanBusUnavailable)
      assert.equal(error.reason, reason)
      assert.match(error.message, problem)
      return true
    })
  })
}

test('a port that another program holds alone is refused by name', async () => {
  const address = loopbackGroup()
  const holder = createSocket({ type: 'udp4' }).bind(address.port, address.group)
  await once(holder, 'listening')
  await assert.rejects(openUdpMulticast(address), { name: 'CanBusUnavailable', reason: 'refused' })
  holder.close()
})
