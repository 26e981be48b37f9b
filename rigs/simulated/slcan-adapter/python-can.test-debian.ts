/** Needs Debian's python3-can, python3-serial and socat: `apt-get install python3-can python3-serial socat`. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { lineIterator } from '../../../reference/read-lines.js'
import type { CanFrame } from '../../../reference/ports/can-bus.js'
import { openPtyPair } from '../../drivers/slcan/fixtures/pty-pair.js'
import { openSerialLine } from '../../serial/serial-line.js'
import { createMemoryCan } from '../memory-can/memory-can.js'
import { serveSlcan } from './slcan-adapter.js'

/** Says each frame that it hears as a line of JSON, then sends each back with its id one higher. */
const PYTHON = `
import can, json, sys
bus = can.Bus(interface='slcan', channel=sys.argv[1], bitrate=500000, sleep_after_open=0)
print(json.dumps({'version': bus.get_version(5), 'serial': bus.get_serial_number(5), 'can': can.__version__}), flush=True)
for _ in range(int(sys.argv[2])):
    m = bus.recv(30)
    print(json.dumps({'id': m.arbitration_id, 'extended': m.is_extended_id, 'remote': m.is_remote_frame,
                      'dlc': m.dlc, 'data': m.data.hex()}), flush=True)
    bus.send(can.Message(arbitration_id=m.arbitration_id + 1, is_extended_id=m.is_extended_id,
                         is_remote_frame=m.is_remote_frame, dlc=m.dlc, data=None if m.is_remote_frame else m.data))
bus.shutdown()
`

const data = (...bytes: number[]) => Uint8Array.from(bytes)
const FRAMES: readonly CanFrame[] = [
  { id: 0, extended: false, data: data() },
  { id: 0x7fe, extended: false, data: data(0, 1, 2, 3, 4, 5, 6, 0xff) },
  { id: 0x7fe, extended: true, data: data(0xaa) },
  { id: 0x1ffffffe, extended: true, data: data(8, 7, 6, 5, 4, 3, 2, 1) },
  { id: 0x123, extended: false, data: data(), remote: true, remoteLength: 0 },
  // Not 0x124: two nodes that send one id with different content at the same time spoil each other's frames for ever.
  { id: 0x126, extended: false, data: data(), remote: true, remoteLength: 8 },
  { id: 0x18daf110, extended: true, data: data(), remote: true, remoteLength: 3 },
]

const content = ({ id, extended, data: bytes, remote = false, remoteLength }: CanFrame) => ({
  id,
  extended,
  remote,
  dlc: remoteLength ?? bytes.length,
  data: Buffer.from(bytes).toString('hex'),
})

test("python-can's slcan and our adapter exchange classic frames of every kind, both ways", async (t) => {
  const pty = await openPtyPair()
  const can = createMemoryCan()
  const adapter = serveSlcan(await openSerialLine(pty.adapterEnd, 115_200), can.join('adapter'))
  t.after(async () => {
    await adapter.close()
    await pty.close()
    await can.close()
  })
  const peer = can.join('peer')
  const heard: CanFrame[] = []
  peer.onFrame((frame) => heard.push(frame))

  const python = spawn('/usr/bin/python3', ['-c', PYTHON, pty.hostEnd, String(FRAMES.length)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  const exit = once(python, 'exit')
  const lines = lineIterator(python.stdout)
  const nextLine = async () => JSON.parse(String((await lines.next()).value)) as Record<string, unknown>

  const hello = await nextLine()
  t.diagnostic(`python-can ${String(hello['can'])} and our adapter: ${FRAMES.length} frames out and back`)
  assert.deepEqual([hello['version'], hello['serial']], [[10, 10], 'LS01'])
  for (const frame of FRAMES) {
    await peer.send(frame)
    assert.deepEqual(await nextLine(), content(frame))
  }
  assert.deepEqual(await exit, [0, null])
  assert.deepEqual(
    heard.map(content),
    FRAMES.map((frame) => content({ ...frame, id: frame.id + 1 })),
  )
})
