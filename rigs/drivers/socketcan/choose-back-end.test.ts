import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanBusUnavailable } from '../../../reference/ports/can-bus.js'
import { chooseBackEnd, type BackEndsThere } from './choose-back-end.js'

const EVERYTHING: BackEndsThere = {
  native: () => ({ version: '4.3.1' }),
  command: () => true,
  canUtilsVersion: async () => '2020.11.0-1',
}
const NO_NATIVE: BackEndsThere = { ...EVERYTHING, native: () => ({ missing: 'Cannot find module' }) }
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

test('where both are there, the native one is taken unless the pipe is asked for', async () => {
  assert.deepEqual(await chooseBackEnd(can0, EVERYTHING), { kind: 'native', title: 'npm socketcan 4.3.1' })
  assert.deepEqual(await chooseBackEnd({ ...can0, backEnd: 'pipe' }, EVERYTHING), {
    kind: 'pipe',
    title: 'candump and canplayer (can-utils 2020.11.0-1)',
  })
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
