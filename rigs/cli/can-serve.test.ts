import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanBus } from '../../reference/ports/can-bus.js'
import { openCanBus } from '../bench/can/open-can-bus.js'
import { canServe } from './can-serve.js'
import { UsageError } from './failure-exit.js'
import type { CanIo } from './can-io.js'

const BUS = 'memory:can-serve-test'

function io(stop: AbortSignal) {
  let ready: ((line: string) => void) | undefined
  const printed = new Promise<string>((resolve) => (ready = resolve))
  const world: CanIo = {
    out: (text) => ready?.(text),
    tell: () => undefined,
    stop,
    input: (async function* () {})(),
    openBus: openCanBus,
  }
  return { world, printed }
}

test('a bus is lent to whoever connects, both ways, until the command is stopped', async () => {
  const stop = new AbortController()
  const { world, printed } = io(stop.signal)
  const ended = canServe({ bus: BUS, port: '0', name: 'can7' }, world)
  const { url } = JSON.parse(await printed) as { url: string }
  assert.match(url, /^socketcand:\/\/127\.0\.0\.1:\d+\/can7$/)
  const [client, node] = [await openCanBus(url), await openCanBus(BUS)]
  const heardByClient = new Promise<number>((resolve) => client.onFrame(({ id }) => resolve(id)))
  const heardByNode = new Promise<number>((resolve) => node.onFrame(({ id }) => resolve(id)))
  await client.send({ id: 0x123, extended: false, data: Uint8Array.of(1) })
  assert.equal(await heardByNode, 0x123)
  await node.send({ id: 0x321, extended: false, data: Uint8Array.of(2) })
  assert.equal(await heardByClient, 0x321)
  await Promise.all([client.close(), node.close()])
  stop.abort()
  assert.equal(await ended, 0)
})

test('clients of a memory bus, which has no other nodes, hear each other; a lone one is acknowledged', async () => {
  const stop = new AbortController()
  const { world, printed } = io(stop.signal)
  const ended = canServe({ bus: 'memory:can-serve-clients', port: '0' }, world)
  const { url } = JSON.parse(await printed) as { url: string }
  const sender = await openCanBus(url, { receiveOwn: true })
  const frame = { id: 0x123, extended: false, data: Uint8Array.of(1) }
  const heard = (bus: CanBus) =>
    new Promise<number>((resolve, reject) => {
      bus.onFrame(({ id }) => resolve(id))
      bus.onErrorFrame(({ errorClass }) => reject(new Error(`error frame ${errorClass}`)))
    })
  const own = heard(sender)
  await sender.send(frame)
  assert.equal(await own, 0x123)
  const listener = await openCanBus(url)
  const byListener = heard(listener)
  await sender.send({ ...frame, id: 0x124 })
  assert.equal(await byListener, 0x124)
  await assert.rejects(openCanBus(url.replace('/can0', '/can1')), { name: 'CanBusUnavailable' })
  await Promise.all([sender.close(), listener.close()])
  stop.abort()
  assert.equal(await ended, 0)
})

test('a port or a name that is none is refused before anything is opened', async () => {
  const { world } = io(new AbortController().signal)
  await assert.rejects(canServe({ bus: BUS, port: '65536' }, world), UsageError)
  await assert.rejects(canServe({ bus: BUS, port: 'x' }, world), UsageError)
  await assert.rejects(canServe({ bus: BUS, name: 'a b' }, world), UsageError)
})
