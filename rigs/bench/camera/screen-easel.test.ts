import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScreenDevice } from './fixtures/screen-device.js'
import { NoScreen, startScreenEasel } from './screen-easel.js'

const KEY = 'a-key-for-this-test'

test('what is shown is on the device when show resolves, and gone after hide', async () => {
  const easel = await startScreenEasel({ key: KEY })
  const device = new ScreenDevice(easel.url)
  for (const name of ['first', 'second']) {
    await easel.show(Buffer.from(name), 'phone')
    assert.equal(device.picture?.toString(), name)
  }
  easel.hide()
  const after = await fetch(new URL('next?after=0', easel.url))
  assert.equal(((await after.json()) as { shows: boolean }).shows, false)
  await device.close()
  await easel.close()
})

test('without a device it is told which page to open', async () => {
  const easel = await startScreenEasel({}, 20)
  await assert.rejects(easel.show(Buffer.from('x'), 'phone'), (error: unknown) => {
    assert.ok(error instanceof NoScreen)
    assert.ok(error.message.includes(easel.url))
    return true
  })
  await easel.close()
})

test('a page that stayed open over the end of a bench gets the next bench’s pictures', async () => {
  const first = await startScreenEasel({ key: KEY })
  const { port } = new URL(first.url)
  const left = (await (await fetch(new URL('next?after=0', first.url))).json()) as { turn: number }
  await first.close()
  const second = await startScreenEasel({ key: KEY, port: Number(port) })
  const shown = second.show(Buffer.from('x'), 'phone')
  const next = (await (await fetch(new URL(`next?after=${left.turn}`, second.url))).json()) as {
    turn: number
  }
  await fetch(new URL(`shown/${next.turn}`, second.url), { method: 'POST' })
  await shown
  await second.close()
})

test('who does not know the key sees neither page nor picture; an old picture is not given', async () => {
  const easel = await startScreenEasel({ key: KEY })
  const device = new ScreenDevice(easel.url)
  await easel.show(Buffer.from('first'), 'phone')
  const { turn } = (await (await fetch(new URL('next?after=0', easel.url))).json()) as { turn: number }
  await easel.show(Buffer.from('second'), 'phone')
  const status = async (path: string) => (await fetch(new URL(path, easel.url))).status
  const wrong = easel.url.replace(KEY, 'another')
  for (const path of ['', 'next?after=0', `picture/${turn}`]) assert.equal(await status(wrong + path), 404)
  assert.equal(await status(`picture/${turn}`), 404)
  assert.equal(await status(''), 200)
  await device.close()
  await easel.close()
})
