import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidCameraUrl, parseCameraUrl } from './camera-url.js'

test('each way to a camera has its URL', () => {
  assert.deepEqual(parseCameraUrl('v4l2:/dev/video0?size=1280x720&fps=30&format=mjpeg'), {
    kind: 'v4l2',
    device: '/dev/video0',
    size: { width: 1280, height: 720 },
    fps: 30,
    format: 'mjpeg',
  })
  assert.deepEqual(parseCameraUrl('file:frames/?fps=7.5&loop=forever'), {
    kind: 'file',
    path: 'frames/',
    fps: 7.5,
    loop: Infinity,
  })
  assert.deepEqual(parseCameraUrl('file:///srv/a%20b.png'), { kind: 'file', path: '/srv/a b.png' })
  const http = parseCameraUrl('http://camera:8080/mjpeg?size=any')
  assert.equal(http.kind === 'http' && http.url.search, '?size=any')
  const rendered = parseCameraUrl('rendered:?text=1&device=tablet')
  assert.deepEqual(rendered.kind === 'rendered' && [...rendered.settings], [
    ['text', '1'],
    ['device', 'tablet'],
  ])
})

test('an address with a mistake is refused with what is wrong in it', () => {
  for (const [url, why] of [
    ['/dev/video0', /begins with none of/],
    ['rtsp://camera', /begins with none of/],
    ['v4l2:video0', /a device’s path follows/],
    ['v4l2:/dev/video0?size=0x0', /size of 0x0/],
    ['v4l2:/dev/video0?size=20000x20000', /size of 20000x20000/],
    ['v4l2:/dev/video0?fps=0', /fps is 0/],
    ['v4l2:/dev/video0?fps=30&fps=60', /fps is given twice/],
    ['v4l2:/dev/video0?format=mjpeg;rm', /format is "mjpeg;rm"/],
    ['v4l2:/dev/video0?width=640', /no setting "width"/],
    ['file:', /a picture, folder or video/],
    ['file:x?loop=1.5', /no whole number/],
    ['http://', /no URL/],
    ['rendered:?angle=3', /no setting "angle"/],
  ] as const) {
    assert.throws(
      () => parseCameraUrl(url),
      (error: unknown) => error instanceof InvalidCameraUrl && why.test(error.message),
      url,
    )
  }
})

test('a password is in no message', () => {
  assert.throws(
    () => parseCameraUrl('http://user:secret@'),
    (error: Error) => !error.message.includes('secret'),
  )
})
