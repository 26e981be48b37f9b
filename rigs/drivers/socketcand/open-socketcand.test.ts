import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import {
  CanBusFault,
  CanBusUnavailable,
  CanFrameNotCarried,
  CanSendQueueFull,
  type CanFrame,
  type ReceivedCanFrame,
} from '../../../reference/ports/can-bus.js'
import { openSocketcand } from './open-socketcand.js'

const frame = (id: number, ...data: number[]): CanFrame => ({
  id,
  extended: false,
  data: Uint8Array.from(data),
})

/** What a socketcand (0.6) answers, as its source has it; `< lockstep … >` it does not know. */
const SOCKETCAND: Readonly<Record<string, string>> = {
  open: '< ok >',
  rawmode: '< ok >',
  echo: '< echo >',
  lockstep: '< error unknown command >',
  send: '',
}

/** A server that is none of ours, with what it answers to each command. */
async function foreignServer(t: TestContext, answers: Readonly<Record<string, string>>, greeting = '< hi >') {
  const sockets: Socket[] = []
  const commands: string[] = []
  let heard: (() => void) | undefined
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write(greeting)
    socket.on('data', (chunk: Buffer) => {
      for (const [, command = '', word = ''] of chunk.toString().matchAll(/(< (\w+)[^>]*>)/g)) {
        commands.push(command)
        socket.write(answers[word] ?? '')
      }
      heard?.()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  const { port } = server.address() as { port: number }
  const address = { url: `socketcand://127.0.0.1:${port}/can0`, host: '127.0.0.1', port, interface: 'can0' }
  return {
    address,
    commands,
    say: (text: string) => sockets.at(-1)?.write(text),
    hangUp: () => sockets.at(-1)?.destroy(),
    heardMore: () => new Promise<void>((resolve) => (heard = resolve)),
  }
}

test('a socketcand that is not ours is told by its answer, and promises what it can keep', async (t) => {
  const { address, commands } = await foreignServer(t, SOCKETCAND)
  const bus = await openSocketcand(address)
  assert.deepEqual(commands.slice(0, 2), ['< open can0 >', '< rawmode >'])
  const { fd, remote, rawDlc, errorFrames, countsLoss, backEnd } = bus.features
  assert.deepEqual(
    { fd, remote, rawDlc, errorFrames, countsLoss },
    {
      fd: false,
      remote: false,
      rawDlc: false,
      errorFrames: false,
      countsLoss: false,
    },
  )
  assert.equal(backEnd, `socketcand at 127.0.0.1:${address.port}`)
  assert.deepEqual(bus.lost, { frames: 0, exact: false }, 'nobody can know what it lost')
  await assert.rejects(bus.send({ ...frame(1), fd: true }), CanFrameNotCarried)
  await assert.rejects(bus.send({ ...frame(1), remote: true }), CanFrameNotCarried)
  await bus.close()
})

test('frames of a foreign server are heard with its time, also those of kinds that cannot be sent', async (t) => {
  const { address, say } = await foreignServer(t, SOCKETCAND)
  const bus = await openSocketcand(address)
  const heard: ReceivedCanFrame[] = []
  const all = new Promise<void>((resolve) => bus.onFrame((one) => heard.push(one) === 3 && resolve()))
  say(
    '< frame 123 5.000001 AB >< error 004 5.000002 >< rtr 00000123 5.000003 2 >< fdframe 1 05 5.000004 CD >',
  )
  await all
  assert.deepEqual(heard, [
    { ...frame(0x123, 0xab), timestampUs: 5_000_001 },
    {
      id: 0x123,
      extended: true,
      data: new Uint8Array(0),
      remote: true,
      remoteLength: 2,
      timestampUs: 5_000_003,
    },
    { ...frame(1, 0xcd), fd: true, bitrateSwitch: true, timestampUs: 5_000_004 },
  ])
  await bus.close()
})

test('a node of a server that does not echo hears its own frames once they are sent', async (t) => {
  const { address, commands, heardMore } = await foreignServer(t, SOCKETCAND)
  const bus = await openSocketcand(address, { receiveOwn: true })
  const own: ReceivedCanFrame[] = []
  bus.onFrame((one) => own.push(one))
  const more = heardMore()
  await bus.send(frame(0x42, 1))
  assert.deepEqual(
    own.map(({ id, own }) => ({ id, own })),
    [{ id: 0x42, own: true }],
  )
  await more
  assert.equal(commands.at(-1), '< send 042 1 01 >')
  await bus.close()
})

test('what is garbage on the line is counted as a frame that may be lost, and the rest is heard', async (t) => {
  const { address, say } = await foreignServer(t, SOCKETCAND)
  const bus = await openSocketcand(address)
  const heard = new Promise<ReceivedCanFrame>((resolve) => bus.onFrame(resolve))
  say('< frame 999 1.0 00 >< frame 123 1.000000 01 >')
  assert.equal((await heard).id, 0x123)
  assert.deepEqual(bus.lost, { frames: 1, exact: false })
  await bus.close()
})

for (const [what, bytes] of [
  ['bytes between elements', '\0garbage< frame 123 1.000000 01 >'],
  ['an element whose end is missing', '< frame 123 1.0000< frame 123 1.000000 01 >'],
] as const) {
  test(`${what} may have been a frame: at least one is lost`, async (t) => {
    const { address, say } = await foreignServer(t, SOCKETCAND)
    const bus = await openSocketcand(address)
    const heard = new Promise<ReceivedCanFrame>((resolve) => bus.onFrame(resolve))
    say(bytes)
    assert.equal((await heard).id, 0x123)
    assert.deepEqual(bus.lost, { frames: 1, exact: false })
    await bus.close()
  })
}

test('a connection that breaks is a fault, which refuses what waits and what follows', async (t) => {
  const { address, say, hangUp } = await foreignServer(t, SOCKETCAND)
  const bus = await openSocketcand(address)
  const faults: CanBusFault[] = []
  const told = new Promise<void>((resolve) =>
    bus.onFault((fault) => {
      faults.push(fault)
      resolve()
    }),
  )
  say('< error the interface went down >')
  await new Promise((resolve) => setImmediate(resolve))
  hangUp()
  await told
  await assert.rejects(bus.send(frame(1)), CanBusFault)
  assert.equal(faults.length, 1)
  assert.match(faults[0]?.message ?? '', /socketcand:\/\/127\.0\.0\.1:\d+\/can0 has ended/)
  await bus.close()
})

test('a server that refuses what was sent, or ends before it has it, is told when the node closes', async (t) => {
  const refusing = await foreignServer(t, { ...SOCKETCAND, send: '< error frame not sent >' })
  const one = await openSocketcand(refusing.address)
  await one.send(frame(1))
  await assert.rejects(one.close(), {
    name: 'CanBusFault',
    message: /not all .* to the bus: frame not sent$/,
  })
  const ending = await foreignServer(t, SOCKETCAND)
  const other = await openSocketcand(ending.address)
  const more = ending.heardMore()
  await other.send(frame(1))
  await more
  const closed = other.close()
  ending.hangUp()
  await assert.rejects(closed, { name: 'CanBusFault', message: /the server ended the connection before$/ })
})

test('a server that reads no more stops its sender by name', async (t) => {
  const { address } = await foreignServer(t, SOCKETCAND)
  const bus = await openSocketcand(address, { sendQueue: 10 })
  const sent = Array.from({ length: 10 }, () => bus.send(frame(1)))
  await assert.rejects(bus.send(frame(1)), CanSendQueueFull)
  await Promise.all(sent)
  await bus.close()
})

const unavailable = (reason: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CanBusUnavailable)
  assert.equal(error.reason, reason)
  assert.match(error.message, message)
  return true
}

test('where nobody listens, that is said', async (t) => {
  const { address } = await foreignServer(t, SOCKETCAND)
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as { port: number }
  free.close()
  await once(free, 'close')
  await assert.rejects(
    openSocketcand({ ...address, port }),
    unavailable('not-reachable', /nobody listens there\. Start it there/),
  )
})

test('another server than a socketcand is told by what it says', async (t) => {
  const { address } = await foreignServer(t, {}, 'SSH-2.0-OpenSSH_9.2\r\n')
  await assert.rejects(
    openSocketcand(address, { answerMs: 50 }),
    unavailable('no-answer', /does not greet as a socketcand does; it said "SSH-2\.0-OpenSSH/),
  )
})

test('a server that says nothing is given up after the deadline', async (t) => {
  const { address } = await foreignServer(t, {}, '')
  await assert.rejects(openSocketcand(address, { answerMs: 50 }), unavailable('no-answer', /it said nothing/))
})

test('a bus that the server does not lend is refused with its reason', async (t) => {
  const { address } = await foreignServer(t, { open: '< error could not open bus >' })
  await assert.rejects(
    openSocketcand(address),
    unavailable('no-such-interface', /refused < open can0 >: could not open bus/),
  )
})

test('a server without raw mode is refused by name', async (t) => {
  const { address } = await foreignServer(t, { ...SOCKETCAND, rawmode: '< error unknown command >' })
  await assert.rejects(openSocketcand(address), unavailable('refused', /raw mode/))
})
