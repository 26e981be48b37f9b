import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { bayId } from '../../../reference/domain/identifiers.js'
import { packageRoot } from '../../../reference/package-root.js'
import { part, startMjpegServer } from '../../drivers/camera/fixtures/mjpeg-server.js'
import { Bench } from '../bench.js'
import { ScreenDevice } from './fixtures/screen-device.js'

const KEY = 'the-screen-of-this-test'
const FRAME_MS = 80
const B17 = bayId('B-17')

/** What a network camera sees of a screen, JPEG; a counter in the corner is as good as noise. */
async function photograph(screen: Buffer | undefined, nth: number): Promise<Buffer> {
  const canvas = createCanvas(640, 480)
  const context = canvas.getContext('2d')
  context.fillStyle = '#667'
  context.fillRect(0, 0, 640, 480)
  if (screen) context.drawImage(await loadImage(screen), 160, 80, 320, 320)
  context.fillStyle = nth % 2 ? '#778' : '#889'
  context.fillRect(0, 0, 1 + (nth % 37), 9)
  return canvas.encode('jpeg', 80)
}

test('a rig with a network camera: a code on a real screen’s page opens the lock', async (t) => {
  const before: { device?: ScreenDevice } = {}
  const closings: (() => unknown)[] = []
  t.after(async () => {
    for (const close of closings.reverse()) await close()
  })
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-eye-'))
  closings.push(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startMjpegServer((answer) => {
    let nth = 0
    const expose = async () => answer.write(part(await photograph(before.device?.picture, nth++)))
    const timer = setInterval(() => void expose(), FRAME_MS)
    answer.on('close', () => clearInterval(timer))
  })
  closings.push(() => server.close())
  const virtual = readFileSync(join(packageRoot, 'rigs/profiles/virtual.yaml'), 'utf8')
  const camera = `{ url: '${server.url.href}', screen: { key: ${KEY} } }`
  const file = join(folder, 'bench.yaml')
  writeFileSync(file, virtual.replace("camera: { url: 'rendered:' }", `camera: ${camera}`))
  const said: string[] = []
  const bench = await Bench.start({ rig: file, evidenceFolder: join(folder, 'evidence') }, (line) =>
    said.push(line),
  )
  closings.push(() => bench.close())
  const [, page] = /open (http\S+)/.exec(said.join('\n')) ?? []
  assert.ok(page, `no page was told: ${said.join()}`)
  const device = (before.device = new ScreenDevice(page))
  closings.push(() => device.close())
  await bench.beginScenario('eye')
  const stage = await bench.openStage()
  const driver = await stage.driverInCar('phone')
  await stage.reserve(driver, B17)
  await stage.openWithCode(driver, B17)
  const scanned = await stage.lockSays(B17, 'code-scanned')
  assert.deepEqual([scanned.verdict, scanned.symbology], ['fresh', 'qr'])
  const status = await stage.lockStatus(B17, ({ camera: faults }) => faults !== undefined)
  assert.deepEqual(status.faults, [])
  await bench.endScenario()
  const run = JSON.parse(readFileSync(join(folder, 'evidence', 'run.json'), 'utf8')) as {
    wires: { wire: string; by: string }[]
  }
  const light = run.wires.find(({ wire }) => wire.includes('light'))
  assert.match(light?.by ?? '', /^a screen, seen by http:/)
})
