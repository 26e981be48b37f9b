import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import type { Camera, Frame } from '../../../reference/ports/camera.js'
import { FrameStreamUnreachable, openFrameStream } from './frame-stream.js'

/** A camera's process whose every byte the test decides. */
async function withStream(use: (camera: Camera, sender: Socket) => Promise<void>): Promise<void> {
  let accept: ((socket: Socket) => void) | undefined
  const accepted = new Promise<Socket>((resolve) => (accept = resolve))
  const server = createServer((socket) => accept?.(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const camera = await openFrameStream({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  const sender = await accepted
  try {
    await use(camera, sender)
  } finally {
    await camera.close()
    sender.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

const lossOf = (camera: Camera) => new Promise<string>((resolve) => camera.onLost(resolve))

test('frames arrive with their size', () =>
  withStream(async (camera, sender) => {
    const frame = new Promise<Frame>((resolve) => camera.onFrame(resolve))
    sender.write('P5\n2 2\n255\nabcd')
    const { width, height, grey } = await frame
    assert.deepEqual([width, height, Buffer.from(grey).toString()], [2, 2, 'abcd'])
  }))

test('a malformed stream is a lost camera with the reason', () =>
  withStream(async (camera, sender) => {
    const loss = lossOf(camera)
    sender.write('P5\n20000 20000\n255\n')
    assert.match(await loss, /width of 20000/)
  }))

test('a stream that ends says whether it ended within a frame', () =>
  withStream(async (camera, sender) => {
    const loss = lossOf(camera)
    sender.end('P5\n2 2\n255\nab')
    assert.match(await loss, /in the middle of a frame/)
  }))

test('nobody at the address is a named error', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  await assert.rejects(openFrameStream({ host: '127.0.0.1', port }), FrameStreamUnreachable)
})
