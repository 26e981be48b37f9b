import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { chromium } from 'playwright-core'
import { drawQrCode, readPicture } from '../stage/pictures.js'
import { startScreenEasel } from './screen-easel.js'

const CODE = '112345678901234567890142'

test('the screen’s page, in Chromium: what the bench shows can be read off the screen, and is gone when it is hidden', async (t) => {
  const easel = await startScreenEasel()
  // root may not use Chromium's sandbox; the only page that it opens here is ours
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  t.after(async () => {
    await browser.close()
    await easel.close()
  })
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  await page.goto(easel.url)
  await easel.show(await drawQrCode(CODE), 'phone')
  const seen = await page.screenshot()
  const folder = process.env['SCREEN_PAGE_PICTURES']
  if (folder) writeFileSync(`${folder}/screen.png`, seen)
  assert.equal((await readPicture(seen))?.text, CODE)
  assert.ok((await widthOfCode(seen)) > 0.7, 'the code does not fill the screen’s width')
  easel.hide()
  await page.waitForSelector('#picture', { state: 'hidden' })
  assert.equal(await readPicture(await page.screenshot()), undefined)
  assert.ok(await page.isVisible('#idle'))
})

/** Share of the screen's width between the first and the last dark column. */
async function widthOfCode(png: Buffer): Promise<number> {
  const image = await loadImage(png)
  const context = createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  const dark = Array.from({ length: image.width }, (_, x) => x).filter((x) =>
    Array.from({ length: image.height }, (_, y) => data[4 * (y * image.width + x)] ?? 255).some(
      (level) => level < 64,
    ),
  )
  return ((dark.at(-1) ?? 0) - (dark[0] ?? 0)) / image.width
}
