import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core'
import { nextLine } from '../../reference/read-lines.js'
import { packageRoot } from '../../reference/package-root.js'
import type { Frame } from '../../reference/ports/camera.js'
import { openDecoder } from '../drivers/decoders/open-decoder.js'

const MAIN = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
const CHROMIUM = '/usr/bin/chromium'

/** All parties on the virtual rig, until the test is over. */
async function serve(t: TestContext): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--rig', 'virtual'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  const line = await nextLine(child.stdout)
  const { urls, appId } = JSON.parse(line) as { urls: { phone: string }; appId: string }
  return { phone: urls.phone, appId }
}

async function open(t: TestContext, url: string, options: BrowserContextOptions): Promise<Page> {
  // root may not use Chromium's sandbox; the only page that it opens here is ours
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  t.after(() => browser.close())
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(url)
  return page
}

async function frameOf(png: Buffer): Promise<Frame> {
  const image = await loadImage(png)
  const { width, height } = image
  const context = createCanvas(width, height).getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, width, height)
  const grey = new Uint8Array(width * height)
  // luma as cameras weigh it (ITU-R BT.601)
  grey.forEach((_value, at) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(4 * at, 4 * at + 3)
    grey[at] = 0.299 * red + 0.587 * green + 0.114 * blue
  })
  return { width, height, grey, capturedAt: performance.timeOrigin + performance.now() }
}

/** Pictures for a person to look at, when they name a folder: `PHONE_PAGE_PICTURES=folder`. */
async function picture(page: Page, name: string): Promise<Buffer> {
  const folder = process.env['PHONE_PAGE_PICTURES']
  return page.screenshot(folder ? { path: join(folder, `${name}.png`) } : {})
}

async function say(page: Page, text: string): Promise<void> {
  await page.fill('#text', text)
  await page.click('#say button[type=submit]')
}

const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  tablet: { viewport: { width: 1180, height: 820 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
}

test('the phone page, in Chromium', async (t) => {
  const served = await serve(t)
  await t.test(
    'a person finds a space, reserves it and shows its code, which the scanner reads off the screen',
    (t) => reserveAndShow(t, served),
  )
  await t.test('on a tablet a place is sent with its datum, and the menu is there', (t) =>
    sendPlace(t, served),
  )
})

interface Served {
  readonly phone: string
  readonly appId: string
}

async function reserveAndShow(t: TestContext, { phone, appId }: Served) {
  const page = await open(t, `${phone}/phone?appId=${appId}`, DEVICES.phone)
  await page.locator('#follow .main').waitFor()
  await picture(page, 'welcome')
  // without a Chinese font all words are the same empty boxes; drawn before it came, they stay so
  const follow = page.locator('#follow .main')
  const drawn = (await follow.screenshot()).toString('base64')
  const redrawn = async (words: string) => {
    await page.evaluate(`document.querySelector('#follow .main').textContent = '${words}'`)
    return (await follow.screenshot()).toString('base64')
  }
  assert.ok((await redrawn('取消 Follow')) !== drawn, 'two words look different')
  assert.ok((await redrawn('关注 Follow')) === drawn, 'a word looks as it does when drawn anew')
  await page.click('#follow .main')
  await page.getByText('欢迎使用停车服务').waitFor()
  await say(page, '状态 B-17')
  await page.getByText('占用：空闲').waitFor()
  await say(page, '我要去国贸')
  await page.locator('.card', { hasText: '已为您预约车位 B-17' }).waitFor()
  await page.getByText('车位 B-17 的车锁已确认预约').waitFor()
  await page.click('#show-code')
  await page.locator('#code-words', { hasText: 'B-17' }).waitFor()
  await page.waitForFunction('document.getElementById("code").complete')

  const shown = page.locator('#code')
  const box = await shown.boundingBox()
  assert.ok(box && box.width >= 0.85 * DEVICES.phone.viewport.width, 'the code is as wide as the phone')
  const decoder = await openDecoder('zxing+jsqr')
  t.after(() => decoder.close())
  const sent = await fetch(new URL((await shown.getAttribute('src')) ?? '', page.url()))
  const [code] = await decoder.decode(await frameOf(Buffer.from(await sent.arrayBuffer())))
  assert.ok(code, 'the picture that was sent is a code')
  const [read] = await decoder.decode(await frameOf(await picture(page, 'code-on-phone')))
  assert.equal(read?.text, code.text)
  // a camera sees it smaller, and not as sharp
  await page.setViewportSize(DEVICES.tablet.viewport)
  assert.equal(
    (await decoder.decode(await frameOf(await picture(page, 'code-on-tablet'))))[0]?.text,
    code.text,
  )

  const { width, height } = DEVICES.phone.viewport
  await page.setViewportSize({ width: height, height: width })
  const onItsSide = await shown.boundingBox()
  assert.ok(onItsSide && onItsSide.height >= 0.85 * width, 'nor is it smaller on a phone on its side')

  await page.setViewportSize(DEVICES.phone.viewport)
  await page.click('#code-dialog .cancel')
  await picture(page, 'conversation')
  await page.getByText('我的 Mine').click()
  await page.getByText('取消预约 Cancel').click()
  await page.getByText('车位 B-17 的预约已取消').waitFor()
  // a finger on the wrong button changes nothing until it is confirmed
  page.once('dialog', (question) => void question.dismiss())
  await page.click('#leave')
  assert.ok(await page.locator('#controls').isVisible())
  page.once('dialog', (question) => void question.accept())
  await page.click('#leave')
  await page.locator('#follow .main').waitFor()
}

async function sendPlace(t: TestContext, { phone, appId }: Served) {
  const page = await open(t, `${phone}/phone/?appId=${appId}`, DEVICES.tablet)
  await page.click('#follow .main')
  await page.getByText('欢迎使用停车服务').waitFor()
  await page.getByText('我的 Mine').click()
  await page.locator('#menu').getByText('取消预约 Cancel').waitFor()
  await page.focus('#text')
  await page.locator('#menu').getByText('取消预约 Cancel').waitFor({ state: 'hidden' })
  await page.getByText('找车位 Park').click()
  await page.locator('#menu').getByText('发送位置 Send a place').click()
  await picture(page, 'place')
  await page.fill('#label', '国贸')
  // where the map shows D-01: taken for WGS-84, it would be a neighbourhood further
  await page.fill('#latitude', '39.910428')
  await page.fill('#longitude', '116.467947')
  await page.selectOption('#datum', 'GCJ-02')
  await page.click('#place-form .main')
  await page.locator('.card', { hasText: '已为您预约车位 D-01' }).waitFor()
  await page.locator('#show-code').waitFor()
  await picture(page, 'tablet')
}
