import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CameraUnavailable } from './camera-errors.js'
import { openFileCamera } from './file-camera.js'
import { jpeg, jpegThatClaims } from './fixtures/mjpeg-server.js'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-file-camera-'))
after(() => rmSync(folder, { recursive: true }))

const pgm = (level: number) => Buffer.concat([Buffer.from('P5\n8 8\n255\n'), Buffer.alloc(64, level)])

async function shown(path: string, loop?: number): Promise<number[]> {
  const camera = await openFileCamera({ kind: 'file', path, fps: 200, ...(loop !== undefined && { loop }) })
  const levels: number[] = []
  camera.onFrame(({ grey }) => levels.push(grey[0] ?? 0))
  const lost = new Promise<string>((resolve) => camera.onLost(resolve))
  await camera.ended
  assert.match(await lost, /has ended/)
  await camera.close()
  return levels
}

test('a folder is shown in the order of its numbers, as often as asked', async () => {
  for (const n of [10, 2, 1]) writeFileSync(join(folder, `frame-${n}.pgm`), pgm(n))
  assert.deepEqual(await shown(folder), [1, 2, 10])
  assert.deepEqual(await shown(folder, 2), [1, 2, 10, 1, 2, 10])
})

test('a single picture is shown often enough for a barcode to agree with itself', async () => {
  const file = join(folder, 'one.jpg')
  writeFileSync(file, jpeg(32, 32, 77))
  assert.equal((await shown(file)).length, 3)
})

test('what is no picture, or is not there, is refused by name before it is shown', async () => {
  const file = join(folder, 'bad.jpg')
  for (const [bytes, why] of [
    [Buffer.from('no picture'), /neither JPEG, PNG nor PGM/],
    [jpegThatClaims(20_000, 20_000), /20000 × 20000/],
    [jpegThatClaims(0, 0), /0 × 0/],
    [jpeg(32, 32, 77).subarray(0, -20), /cut off/],
    [Buffer.from('P5\n20000 20000\n255\n'), /width of 20000/],
    [Buffer.alloc(0), /0 bytes/],
  ] as const) {
    writeFileSync(file, bytes)
    await assert.rejects(
      openFileCamera({ kind: 'file', path: file }),
      (error: unknown) => error instanceof CameraUnavailable && why.test(error.message),
      String(why),
    )
  }
  await assert.rejects(openFileCamera({ kind: 'file', path: join(folder, 'none.png') }), /it is not there/)
  const empty = mkdtempSync(join(folder, 'empty-'))
  await assert.rejects(openFileCamera({ kind: 'file', path: empty }), /holds no picture/)
})
