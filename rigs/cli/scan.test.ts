import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { packageRoot } from '../../reference/package-root.js'
import { drawCode } from '../../reference/cloud/code-picture.js'
import type { ScanEvent } from './scan-lines.js'

const CODE = '112345678901234567890142'
const folder = mkdtempSync(join(tmpdir(), 'lockstep-scan-'))
after(() => rmSync(folder, { recursive: true }))

interface Outcome {
  readonly code: number
  readonly events: readonly ScanEvent[]
  readonly stderr: string
}

function scan(...args: string[]): Promise<Outcome> {
  const main = join(packageRoot, 'dist/rigs/cli/main.js')
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'scan', ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
      resolve({
        code: error ? Number(error.code) : 0,
        events: lines.map((line) => JSON.parse(line) as ScanEvent),
        stderr,
      })
    })
  })
}

const decodesOf = ({ events }: Outcome) => events.filter((event) => event.event === 'decode')

test('a picture of a QR code and of a barcode is read, with symbology, angle, age and time', async () => {
  for (const symbology of ['qr', 'code128'] as const) {
    const file = join(folder, `${symbology}.png`)
    writeFileSync(file, await drawCode(CODE, symbology))
    const outcome = await scan('--camera', `file:${file}`, '--json')
    const [first] = decodesOf(outcome)
    assert.equal(outcome.code, 0, outcome.stderr)
    assert.deepEqual([first?.text, first?.symbology], [CODE, symbology])
    assert.ok(first && Math.abs(first.angle ?? 99) < 3 && first.ageMs >= first.decodeMs && first.decodeMs > 0)
    assert.deepEqual(outcome.events.at(-1)?.event, 'end')
  }
})

test('a change of the pixels changes what is read: nothing else tells the scanner', async () => {
  const file = join(folder, 'changed.png')
  const other = '112345678901234567890239'
  for (const text of [CODE, other]) {
    writeFileSync(file, await drawCode(text, 'qr'))
    assert.equal(decodesOf(await scan('--camera', `file:${file}`, '--json'))[0]?.text, text)
  }
})

test('the target card calibrates a camera; anything else before it does not', async () => {
  const card = join(folder, 'card.svg')
  const picture = join(folder, 'card.png')
  const calibration = join(folder, 'calibration.json')
  assert.equal((await scan('--target-card', card)).code, 0)
  const canvas = createCanvas(640, 480)
  const context = canvas.getContext('2d')
  context.drawImage(await loadImage(readFileSync(card)), 20, 40, 600, 410)
  writeFileSync(picture, canvas.toBuffer('image/png'))
  const good = await scan('--camera', `file:${picture}?loop=20&fps=50`, '--calibrate', calibration)
  assert.equal(good.code, 0, good.stderr)
  const { size } = JSON.parse(readFileSync(calibration, 'utf8')) as { size: unknown }
  assert.deepEqual(size, { width: 640, height: 480 })
  // Held against it, a camera of another size is wrong.
  const smaller = join(folder, 'small.pgm')
  writeFileSync(smaller, Buffer.concat([Buffer.from('P5\n320 240\n255\n'), Buffer.alloc(320 * 240, 128)]))
  const judged = await scan('--camera', `file:${smaller}`, '--calibration', calibration, '--json')
  assert.deepEqual(judged.events[0], { event: 'health', faults: ['wrong-resolution'] })

  const none = await scan('--camera', `file:${smaller}?loop=20&fps=50`, '--calibrate', calibration)
  assert.equal(none.code, 3)
  assert.match(none.stderr, /no target card is read/)
})

test('a rendered camera that is fogged is told so; an annotated frame is written', async () => {
  const view = join(folder, 'view.png')
  const url = `rendered:?text=${CODE}&fault=fogged&rotation=20&fps=20`
  const { events, code } = await scan('--camera', url, '--for', '2', '--json', '--view', view)
  assert.equal(code, 0)
  assert.ok(events.some((event) => event.event === 'health' && event.faults.includes('fogged')))
  assert.equal(readFileSync(view).toString('latin1', 1, 4), 'PNG')
})

test('mistakes are usage errors, missing cameras are the rig’s', async () => {
  for (const args of [
    [],
    ['--camera', 'nonsense'],
    ['--camera', 'rendered:', '--decoder', 'none'],
    ['--camera', 'rendered:?tilt=99'],
  ]) {
    assert.equal((await scan(...args)).code, 2, args.join(' '))
  }
  const missing = await scan('--camera', `file:${join(folder, 'missing.png')}`)
  assert.equal(missing.code, 3)
  assert.match(missing.stderr, /CameraUnavailable.*it is not there/)
})
