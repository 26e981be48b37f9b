import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { SocketcandStream } from '../../../reference/can/socketcand-stream.js'
import { CanBusFault, type CanFrame } from '../../../reference/ports/can-bus.js'
import { createHub } from './fixtures/hub.js'
import { connectRaw } from './fixtures/raw-client.js'
import { openSocketcand } from './open-socketcand.js'
import { serveSocketcand, type SocketcandServerOptions } from './serve-socketcand.js'

const frame = (id: number, ...data: number[]): CanFrame => ({
  id,
  extended: false,
  data: Uint8Array.from(data),
})

/**
 * 80,000 frames of 170 characters: more than a connection's two buffers hold, which Linux lets grow to 4 and 6 MB
 * (net.ipv4.tcp_wmem, tcp_rmem).
 */
const FLOOD = 80_000
const LONG: CanFrame = { id: 1, extended: false, data: new Uint8Array(64), fd: true }
const CLIENT_BUFFER = 1_000

async function serve(t: TestContext, buses?: SocketcandServerOptions['buses']) {
  const hub = createHub()
  const server = await serveSocketcand({
    port: 0,
    clientBuffer: CLIENT_BUFFER,
    buses: buses ?? (async (name, options) => (name === 'can0' ? hub.join(options) : undefined)),
  })
  t.after(() => server.close())
  const address = (bus = 'can0') => ({
    url: `socketcand://127.0.0.1:${server.port}/${bus}`,
    host: '127.0.0.1',
    port: server.port,
    interface: bus,
  })
  return { hub, server, address }
}

/** A client in raw mode that has said nothing of Lockstep. */
async function foreignClient(port: number) {
  const client = await connectRaw(port)
  client.say('< open can0 >< rawmode >')
  await client.until(/^< hi >< ok >< ok >$/)
  return client
}

test('a client is greeted, opens a bus, and goes to raw mode; frames go both ways', async (t) => {
  const { hub, server } = await serve(t)
  const bench = hub.join()
  const client = await connectRaw(server.port)
  await client.until(/^< hi >$/)
  client.say('< open can0 >')
  await client.until(/^< hi >< ok >$/)
  client.say('< rawmode >')
  await client.until(/^< hi >< ok >< ok >$/)
  const heard = new Promise<CanFrame>((resolve) => bench.onFrame(resolve))
  client.say('< send 1AAAAAAA 2 1 F1 >')
  const { id, extended, data } = await heard
  assert.deepEqual({ id, extended, data }, { id: 0x1aaaaaaa, extended: true, data: Uint8Array.of(1, 0xf1) })
  await bench.send(frame(0x123, 0xab))
  await client.until(/< frame 123 \d+\.\d{6} AB >$/)
  assert.doesNotMatch(client.heard, /1AAAAAAA/, 'socketcand does not echo')
  client.socket.destroy()
})

test('a frame that is cut in two on the network is sent', async (t) => {
  const { hub, server } = await serve(t)
  const client = await foreignClient(server.port)
  const heard = new Promise<CanFrame>((resolve) => hub.join().onFrame(resolve))
  client.socket.setNoDelay(true)
  client.say('< echo >< send 12')
  await client.until(/< echo >$/)
  client.say('3 1 7 >')
  assert.equal((await heard).id, 0x123)
  client.socket.destroy()
})

for (const [command, answer] of [
  ['< sned 123 0 >', '< error unknown command sned >'],
  ['< send 123 9 1 2 3 4 5 6 7 8 9 >', '< error "9" is not 0..8 >'],
  ['< send 800 0 >', /< error id 2048 is not an 11-bit identifier/],
  ['< add 1 0 123 0 >', '< error unknown command add >'],
  ['< statistics 10 >', '< error statistics is for controlmode >'],
  ['< open can0 >', '< error a bus is open already >'],
] as const) {
  test(`${command} is answered by ${String(answer)}, and the connection goes on`, async (t) => {
    const { server } = await serve(t)
    const client = await foreignClient(server.port)
    client.say(`${command}< echo >`)
    const heard = (await client.until(/< echo >$/)).slice('< hi >< ok >< ok >'.length)
    if (answer instanceof RegExp) assert.match(heard, answer)
    else assert.equal(heard, `${answer}< echo >`)
    client.socket.destroy()
  })
}

test('a bus that is not lent ends the connection with an error', async (t) => {
  const { server } = await serve(t)
  const client = await connectRaw(server.port)
  const closed = once(client.socket, 'close')
  client.say('< open can7 >')
  await closed
  assert.equal(client.heard, '< hi >< error could not open bus >')
})

test('before a bus is open nothing can be sent', async (t) => {
  const { server } = await serve(t)
  const client = await connectRaw(server.port)
  client.say('< send 123 0 >')
  await client.until(/^< hi >< error no bus is open >$/)
  client.socket.destroy()
})

test('statistics count frames and bytes both ways', async (t) => {
  const { hub, server } = await serve(t)
  const client = await foreignClient(server.port)
  client.say('< send 123 2 1 2 >< controlmode >< statistics 1 >')
  await client.until(/< stat 0 0 2 1 >/)
  await hub.join().send(frame(1, 1, 2, 3))
  await client.until(/< stat 3 1 2 1 >/)
  client.socket.destroy()
})

test('an error frame reaches a foreign client without data, and one of ours with it', async (t) => {
  const { hub, server, address } = await serve(t)
  const foreign = await foreignClient(server.port)
  const ours = await openSocketcand(address())
  const heard = new Promise((resolve) => ours.onErrorFrame(resolve))
  const error = { errorClass: 0x44, data: Uint8Array.of(0, 4, 0, 0, 0, 0, 9, 9), timestampUs: 1_000_002 }
  hub.reportError(error)
  assert.deepEqual(await heard, error)
  await foreign.until(/< error 044 1\.000002 >$/)
  foreign.socket.destroy()
  await ours.close()
})

test('clients of a bus that is lent as it is open hear one another and the bus, and not themselves', async (t) => {
  const hub = createHub()
  const { address } = await serve(t, new Map([['can0', hub.join()]]))
  const bench = hub.join()
  const [a, b] = [await openSocketcand(address()), await openSocketcand(address())]
  const heard: Record<string, number[]> = { a: [], b: [], bench: [] }
  for (const [name, bus] of Object.entries({ a, b, bench })) bus.onFrame(({ id }) => heard[name]?.push(id))
  const last = (bus: typeof a, id: number) =>
    new Promise<void>((resolve) => bus.onFrame((one) => one.id === id && resolve()))
  const all = Promise.all([last(a, 3), last(b, 3), last(bench, 2)])
  await a.send(frame(1))
  await last(b, 1)
  await b.send(frame(2))
  await last(a, 2)
  await bench.send(frame(3))
  await all
  assert.deepEqual(heard, { a: [2, 3], b: [1, 3], bench: [1, 2] })
  await Promise.all([a.close(), b.close()])
})

test('a client that does not read keeps nobody waiting; what it misses is counted where it is missing', async (t) => {
  const { hub, server, address } = await serve(t)
  const { socket: slow } = await foreignClient(server.port)
  slow.removeAllListeners('data').pause()
  const quick = await openSocketcand(address())
  let heardByQuick = 0
  const quickDone = new Promise<void>((resolve) => quick.onFrame(() => ++heardByQuick === FLOOD && resolve()))
  for (let i = 0; i < FLOOD; i++) {
    hub.say(LONG)
    // The quick client gets its turns, as it would in a process of its own.
    if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await quickDone
  assert.deepEqual(quick.lost, { frames: 0, exact: true })

  const stream = new SocketcandStream()
  let received = 0
  let lost = 0
  const counted = new Promise<void>((resolve) =>
    slow.on('data', (chunk: Buffer) => {
      for (const element of stream.push(chunk)) {
        if (!element.startsWith('lost')) received++
        else lost += Number(/^lost (\d+)$/.exec(element)?.[1])
        if (element.startsWith('lost')) hub.say(frame(0x7fe))
        if (element.startsWith('frame 7FE')) resolve()
      }
    }),
  )
  slow.resume()
  await counted
  t.diagnostic(`${FLOOD + 1} sent = ${received} received + ${lost} reported lost`)
  assert.ok(lost > 0)
  assert.equal(received + lost, FLOOD + 1)
  slow.destroy()
  await quick.close()
})

test('a client of ours counts exactly what the server had no room for', async (t) => {
  const { hub, address } = await serve(t)
  const client = await openSocketcand(address(), { receiveBuffer: 16 })
  let received = 0
  const last = new Promise<void>((resolve) =>
    client.onFrame(({ id }) => {
      received++
      if (id === 0x7ff) resolve()
    }),
  )
  const told = new Promise((resolve) => client.onLoss(resolve))
  // In one turn, in which the client cannot read.
  for (let i = 0; i < FLOOD; i++) hub.say(LONG)
  await told
  hub.say(frame(0x7ff))
  await last
  assert.ok(client.features.countsLoss && client.lost.exact && client.lost.frames > 0)
  assert.equal(received + client.lost.frames, FLOOD + 1)
  await client.close()
})

test('a bus that is slower than its client slows the client down, and takes every frame', async (t) => {
  const hub = createHub()
  let open = () => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  let waiting = 0
  let most = 0
  const slowly = async () => {
    most = Math.max(most, ++waiting)
    await gate
    waiting--
  }
  const { address } = await serve(t, async (_name, options) => hub.join(options, slowly))
  const bench = hub.join()
  const client = await openSocketcand(address())
  const count = 2_000
  let heard = 0
  const all = new Promise<void>((resolve) => bench.onFrame(() => ++heard === count && resolve()))
  for (let i = 0; i < count; i++) await client.send(frame(1))
  assert.equal(heard, 0)
  open()
  await all
  assert.equal(most, 64, 'the rest waits in the network, not in the server')
  await client.close()
})

test('what a client has sent before it closes reaches the bus', { timeout: 30_000 }, async (t) => {
  const hub = createHub()
  let open = () => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const { address } = await serve(t, async (_name, options) => hub.join(options, () => gate))
  const bench = hub.join()
  const client = await openSocketcand(address())
  const count = 50
  let heard = 0
  const all = new Promise<void>((resolve) => bench.onFrame(() => ++heard === count && resolve()))
  await Promise.all(Array.from({ length: count }, () => client.send(frame(1))))
  await client.close()
  open()
  await all
})

test('a bus that fails ends its clients with the reason', async (t) => {
  const { hub, address } = await serve(t)
  const client = await openSocketcand(address())
  const told = new Promise<CanBusFault>((resolve) => client.onFault(resolve))
  for (const reception of hub.receptions) reception.fail(new CanBusFault('the interface went down'))
  assert.match((await told).message, /the interface went down/)
  await assert.rejects(client.send(frame(1)), CanBusFault)
  await client.close()
})

test('what the bus loses on its way to the server is told to the client', async (t) => {
  const { hub, address } = await serve(t)
  const client = await openSocketcand(address())
  const told = new Promise((resolve) => client.onLoss(resolve))
  for (const reception of hub.receptions) reception.countLost(3, false)
  assert.deepEqual(await told, { frames: 3, exact: false })
  await client.close()
})

test('a client that goes takes its node along, and the server its clients', async (t) => {
  const { hub, server, address } = await serve(t)
  const [a, b] = [await openSocketcand(address()), await openSocketcand(address())]
  assert.equal(server.clients, 2)
  assert.equal(hub.size, 2)
  const faulted = new Promise((resolve) => b.onFault(resolve))
  await a.close()
  await server.close()
  await faulted
  assert.equal(server.clients, 0)
  assert.equal(hub.size, 0)
  await b.close()
})

test('a port that is taken is refused by name', async (t) => {
  const { server } = await serve(t)
  await assert.rejects(serveSocketcand({ port: server.port, buses: new Map() }), {
    name: 'CanBusUnavailable',
    reason: 'refused',
    message: /another program listens there/,
  })
})
