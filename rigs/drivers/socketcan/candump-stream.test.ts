import assert from 'node:assert/strict'
import { test } from 'node:test'
import { content } from '../../conformance/can-bus/two-nodes.js'
import { canplayerLine } from './canplayer-line.js'
import { CandumpStream, type CandumpDirection } from './candump-stream.js'
import { errorFrameOf, isError, kernelFrameOf, receivedFrameOf, type KernelFrame } from './kernel-frame.js'

/** What candump of can-utils 2020.11 wrote on a vcan. */
const RECORDED = `(1795487717.734855) vcan0 123#11 T
(1795487717.736453) vcan0 123#R4 T
(1795487717.736582) vcan0 123##7112233 T
(1795487717.736698) vcan0 12345678##1112233 R
DROPCOUNT: dropped 1722 CAN frames on 'vcan0' socket (total drops 1722)
(1795487717.742048) vcan0 123#1122334455667788
(1795487717.742229) vcan0 00000123#R T
DROPCOUNT: dropped 1 CAN frame on 'vcan0' socket (total drops 1723)
(1795487717.742341) vcan0 20000004#0001000000000000 T
(1795487717.742644) vcan0 123##4 T
`

interface Said {
  readonly frames: KernelFrame[]
  readonly directions: CandumpDirection[]
  readonly dropped: number[]
  readonly unreadable: string[]
}

function read(chunks: readonly Buffer[]): Said {
  const said: Said = { frames: [], directions: [], dropped: [], unreadable: [] }
  const stream = new CandumpStream({
    frame: (frame, direction) => {
      said.frames.push(frame)
      said.directions.push(direction)
    },
    dropped: (frames) => said.dropped.push(frames),
    unreadable: (line) => said.unreadable.push(line),
  })
  for (const chunk of chunks) stream.push(chunk)
  return said
}

test('each kind of line is understood', () => {
  const { frames, directions, dropped, unreadable } = read([Buffer.from(RECORDED)])
  assert.deepEqual(dropped, [1722, 1])
  assert.deepEqual(unreadable, [])
  assert.deepEqual(directions, ['T', 'T', 'T', 'R', undefined, 'T', 'T', 'T'])
  const [classic, remote, fd, extendedFd, eight, extendedRemote, error, emptyFd] = frames.map((frame) =>
    isError(frame) ? errorFrameOf(frame) : receivedFrameOf(frame),
  )
  assert.deepEqual(classic, {
    id: 0x123,
    extended: false,
    data: Uint8Array.of(0x11),
    timestampUs: 1795487717734855,
  })
  assert.deepEqual(remote, {
    id: 0x123,
    extended: false,
    data: new Uint8Array(0),
    remote: true,
    remoteLength: 4,
    timestampUs: 1795487717736453,
  })
  const flags = { fd: true, bitrateSwitch: true, errorStateIndicator: true }
  assert.deepEqual(fd, {
    id: 0x123,
    extended: false,
    data: Uint8Array.of(0x11, 0x22, 0x33),
    ...flags,
    timestampUs: 1795487717736582,
  })
  assert.deepEqual(extendedFd, {
    id: 0x12345678,
    extended: true,
    data: Uint8Array.of(0x11, 0x22, 0x33),
    ...flags,
    errorStateIndicator: false,
    timestampUs: 1795487717736698,
  })
  assert.equal(eight && 'id' in eight && eight.data.length, 8)
  assert.deepEqual(
    extendedRemote && 'id' in extendedRemote && [extendedRemote.extended, extendedRemote.remoteLength],
    [true, 0],
  )
  assert.deepEqual(error, {
    errorClass: 4,
    data: Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0),
    timestampUs: 1795487717742341,
  })
  assert.deepEqual(emptyFd && 'id' in emptyFd && [emptyFd.fd, emptyFd.data.length], [true, 0])
})

test('it does not matter where the stream is cut', () => {
  const whole = read([Buffer.from(RECORDED)])
  for (let size = 1; size < 60; size++) {
    const chunks = Array.from({ length: Math.ceil(RECORDED.length / size) }, (_, at) =>
      Buffer.from(RECORDED.slice(at * size, (at + 1) * size)),
    )
    assert.deepEqual(read(chunks), whole, `pieces of ${size} bytes`)
  }
})

for (const line of [
  'read: Network is down',
  '(1795487717.7) vcan0 123#11',
  '(1795487717.734855) vcan0 123#1',
  `(1795487717.734855) vcan0 123##0${'00'.repeat(65)}`,
  '(1795487717.734855) vcan0 1234#11',
  'DROPCOUNT: dropped -1 CAN frames on',
]) {
  test(`${JSON.stringify(line.slice(0, 40))} is reported, and the next line read`, () => {
    const said = read([Buffer.from(`${line}\n(1.000000) vcan0 001#\n`)])
    assert.deepEqual([said.unreadable, said.frames.length], [[line], 1])
  })
}

test('a stream without line ends does not grow without end', () => {
  assert.equal(read([Buffer.alloc(5_000, 'x')]).unreadable.length, 1)
})

test('what canplayer is given comes back from candump as the same frame', () => {
  const data = Uint8Array.of(0, 0xab, 0xff)
  for (const frame of [
    { id: 0, extended: false, data },
    { id: 0x7ff, extended: true, data },
    { id: 0x1fffffff, extended: true, data: new Uint8Array(0) },
    { id: 1, extended: false, data: new Uint8Array(0), remote: true, remoteLength: 8 },
    { id: 1, extended: true, data: new Uint8Array(0), remote: true },
    { id: 1, extended: false, data: new Uint8Array(64), fd: true, bitrateSwitch: true },
    { id: 1, extended: true, data, fd: true, errorStateIndicator: true },
    { id: 1, extended: true, data: new Uint8Array(0), fd: true },
  ]) {
    const line = canplayerLine(kernelFrameOf(frame))
    const [heard] = read([Buffer.from(line)]).frames
    assert.ok(heard, line)
    assert.deepEqual(content(receivedFrameOf(heard)), content(frame), line)
  }
})
