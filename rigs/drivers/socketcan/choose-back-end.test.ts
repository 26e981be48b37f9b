import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SocketCanBackEnd } from '../../../reference/can/can-url.js'
import { CanBusUnavailable } from '../../../reference/ports/can-bus.js'
import { chooseBackEnd, type BackEndsThere } from './choose-back-end.js'

const EVERYTHING: BackEndsThere = {
  addon: () => ({ file: 'linux-x64.node' }),
  native: () => ({ version: '4.3.1' }),
  command: () => true,
  canUtilsVersion: async () => '2020.11.0-1',
}
const NO_ADDON: BackEndsThere = { ...EVERYTHING, addon: () => ({ missing: 'no such file' }) }
const NO_NATIVE: BackEndsThere = { ...NO_ADDON, native: () => ({ missing: 'Cannot find module' }) }
const NOTHING: BackEndsThere = { ...NO_NATIVE, command: () => false }
const can0 = { url: 'socketcan:can0', interface: 'can0' }

const requireRefusal = (attempt: Promise<unknown>, ...said: readonly RegExp[]) =>
  assert.rejects(
    attempt,
    (error) =>
      error instanceof CanBusUnavailable &&
      error.reason === 'no-back-end' &&
      said.every((text) => text.test(error.message)),
  )

test('where all are there, the addon is taken unless another is asked for', async () => {
  const take = (backEnd?: SocketCanBackEnd) => chooseBackEnd({ ...can0, backEnd }, EVERYTHING)
  const addon = { kind: 'addon', title: "CAN_RAW socket of Lockstep's addon (linux-x64.node)" }
  assert.deepEqual(await take(), addon)
  assert.deepEqual(await take('addon'), addon)
  assert.deepEqual(await take('native'), { kind: 'native', title: 'npm socketcan 4.3.1' })
  assert.deepEqual(await take('pipe'), {
    kind: 'pipe',
    title: 'candump and canplayer (can-utils 2020.11.0-1)',
  })
})

test('where the addon does not load, npm socketcan is taken unless the addon is asked for', async () => {
  assert.equal((await chooseBackEnd(can0, NO_ADDON)).kind, 'native')
  await requireRefusal(
    chooseBackEnd({ ...can0, backEnd: 'addon' }, NO_ADDON),
    /no such file/,
    /build:can-addon/,
  )
})

test('where the package does not load, the pipe is taken unless native is asked for', async () => {
  assert.equal((await chooseBackEnd(can0, NO_NATIVE)).kind, 'pipe')
  await requireRefusal(
    chooseBackEnd({ ...can0, backEnd: 'native' }, NO_NATIVE),
    /Cannot find module/,
    /Node ≥22\.22/,
  )
})

test('where there is none, both ways to mend it are named', () =>
  requireRefusal(chooseBackEnd(can0, NOTHING), /apt-get install can-utils/, /npm install socketcan/))

test('a single missing command is named', () =>
  requireRefusal(
    chooseBackEnd(can0, { ...NO_NATIVE, command: (name) => name !== 'canplayer' }),
    /canplayer is missing/,
  ))

for (const name of ['any', 'stdout', 'a,b', 'a=b']) {
  test(`can-utils would misread an interface named ${name}, so the pipe refuses it`, () =>
    requireRefusal(
      chooseBackEnd({ url: `socketcan:${name}`, interface: name }, NO_NATIVE),
      /misread the name/,
    ))
}
