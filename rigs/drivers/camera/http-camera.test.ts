import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Camera, Frame } from '../../../reference/ports/camera.js'
import { CameraUnavailable } from './camera-errors.js'
import { jpeg, jpegThatClaims, part, startMjpegServer } from './fixtures/mjpeg-server.js'
import { openHttpCamera } from './http-camera.js'
import { openCamera } from './open-camera.js'

/** The next frame of about this grey level. */
const frameOf = (camera: Camera, level: number) =>
  new Promise<Frame>((resolve) => {
    const stop = camera.onFrame((frame) => {
      if (Math.abs((frame.grey[0] ?? 0) - level) >= 4) return
      stop()
      resolve(frame)
    })
  })
const lossOf = (camera: Camera) => new Promise<string>((resolve) => camera.onLost(resolve))

/** What a camera that sends these bytes is refused for. */
async function refusalOf(bytes: Buffer): Promise<string> {
  const server = await startMjpegServer((answer) => answer.end(bytes))
  try {
    return await openHttpCamera(server.url).then(
      () => 'opened',
      (error: unknown) =>
        error instanceof CameraUnavailable ? error.message : `not named: ${String(error)}`,
    )
  } finally {
    await server.close()
  }
}

test('MJPEG frames arrive as grey pixels, and may change their size', async () => {
  const sizes = [
    [64, 48],
    [80, 60],
  ] as const
  let send: (() => void) | undefined
  const server = await startMjpegServer((answer) => {
    answer.write(part(jpeg(64, 48, 200)))
    send = () => answer.write(part(jpeg(80, 60, 30)))
  })
  const camera = await openHttpCamera(server.url)
  const second = frameOf(camera, 30)
  send?.()
  const { width, height, capturedAt } = await second
  assert.deepEqual([width, height], sizes[1])
  assert.ok(capturedAt <= performance.timeOrigin + performance.now())
  await camera.close()
  await server.close()
})

test('a stream that closes cleanly is lost, opened again after a wait, and gives frames again', async () => {
  const server = await startMjpegServer((answer, nth) => {
    answer.write(part(jpeg(64, 48, 10 * nth)))
    if (nth === 1) setImmediate(() => answer.end())
  })
  const waits: number[] = []
  const camera = await openCamera(
    { kind: 'http', url: server.url },
    { wait: async (ms) => void waits.push(ms) },
  )
  assert.match(await lossOf(camera), /ended/)
  await frameOf(camera, 20)
  assert.deepEqual(waits, [250])
  await camera.close()
  await server.close()
})

test('a camera that sends damaged pictures only is refused by name, with a bearable memory', async () => {
  const whole = jpeg(64, 48, 128)
  const five = (bytes: Buffer) => Buffer.concat(Array.from({ length: 6 }, () => part(bytes)))
  const before = process.memoryUsage().rss
  assert.match(await refusalOf(five(whole.subarray(0, whole.length - 40))), /cut off/)
  assert.match(await refusalOf(five(jpegThatClaims(0, 0))), /0 × 0 pixels/)
  assert.match(await refusalOf(five(jpegThatClaims(20_000, 20_000))), /20000 × 20000 pixels/)
  assert.match(await refusalOf(randomBytes(300_000)), /no boundary/)
  assert.match(
    await refusalOf(Buffer.from('--frame\r\nContent-Length: 999999999\r\n\r\n')),
    /a part of 999999999/,
  )
  assert.ok(process.memoryUsage().rss - before < 200e6)
})

test('one damaged picture among good ones is a dropped frame', async () => {
  let send: (() => void) | undefined
  const server = await startMjpegServer((answer) => {
    answer.write(part(jpeg(64, 48, 200)))
    send = () => {
      answer.write(part(jpeg(64, 48, 90).subarray(0, 200)))
      setImmediate(() => answer.write(part(jpeg(64, 48, 30))))
    }
  })
  const camera = await openHttpCamera(server.url)
  const next = frameOf(camera, 30)
  send?.()
  await next
  assert.equal(camera.droppedBuffers, 1)
  await camera.close()
  await server.close()
})

test('what answers and is no camera, or does not answer, is refused with its mend', async () => {
  const page = createServer((request, answer) => {
    const isStream = request.url === '/unbounded'
    const type = isStream ? 'multipart/x-mixed-replace' : 'text/html'
    answer.writeHead(request.url === '/' || isStream ? 200 : 401, { 'content-type': type })
    answer.end('<html>')
  })
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  const at = `127.0.0.1:${(page.address() as AddressInfo).port}`
  await assert.rejects(openHttpCamera(new URL(`http://${at}/`)), /text\/html[^]*MJPEG/)
  await assert.rejects(openHttpCamera(new URL(`http://${at}/unbounded`)), /names no boundary[^]*boundary=/)
  await assert.rejects(openHttpCamera(new URL(`http://a:secret@${at}/x`)), (error: Error) => {
    assert.match(error.message, /401[^]*user and password/)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
  await new Promise<void>((resolve) => page.close(() => resolve()))
  await assert.rejects(openHttpCamera(new URL(`http://${at}/`)), /ECONNREFUSED[^]*start the camera/)
})
