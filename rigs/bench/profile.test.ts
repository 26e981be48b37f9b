import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../reference/package-root.js'
import { loadProfile, parseProfile, profileNames, UnknownProfile } from './profile.js'
import { InvalidSettings } from './settings-reader.js'

const folder = join(packageRoot, 'rigs', 'profiles')
const virtual = readFileSync(join(folder, 'virtual.yaml'), 'utf8')

function mistakesIn(text: string): readonly string[] {
  try {
    parseProfile(text, 'bench.yaml')
    return []
  } catch (error) {
    assert.ok(error instanceof InvalidSettings)
    return error.mistakes
  }
}

/** 1-based line of the first line that holds `part`. */
const lineOf = (text: string, part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1

test('every profile that comes with Lockstep, and the example, can be used', () => {
  assert.deepEqual(profileNames(), [
    'cluster',
    'emulated',
    'fleet',
    'vcan',
    'virtual',
    'virtual-standard-firmata',
  ])
  for (const name of profileNames()) assert.equal(loadProfile(name).rig, name)
  assert.equal(loadProfile(join(folder, 'lab.example.yaml')).fidelity, 'lab')
})

test('a name that is none, and a path that leads nowhere, are told apart from a broken profile', () => {
  assert.throws(() => loadProfile('virtaul'), UnknownProfile)
  assert.throws(() => loadProfile('./no/such.yaml'), UnknownProfile)
})

test('an unknown setting is named at its own line and column', () => {
  const text = virtual.replace("bus: { url: 'memory:'", "bus: { speed: 5, url: 'memory:'")
  const [mistake = ''] = mistakesIn(text)
  assert.ok(
    mistake.startsWith(`${lineOf(text, 'speed')}:8 bus: unknown setting "speed"; known: url, `),
    mistake,
  )
})

test('a wrong value is named at its line, with what would be right', () => {
  const text = virtual.replace('fidelity: virtual', 'fidelity: perfect')
  const [mistake] = mistakesIn(text)
  assert.match(mistake ?? '', new RegExp(`^${lineOf(text, 'perfect')}:11 fidelity .*virtual, kernel`))
})

test('a missing setting is named where it belongs', () => {
  const text = virtual.replace(/^vehicleId.*\n/m, '')
  assert.match(mistakesIn(text).join(), /^\d+:\d+ must have required property 'vehicleId'/)
})

test('all mistakes are named at once', () => {
  const text = virtual.replace('fidelity: virtual', 'fidelity: x').replace('bitrate: 500000', 'bitrate: fast')
  assert.equal(mistakesIn(text).length, 2)
})

test('broken YAML is named at its line', () => {
  const text = virtual.replace("{ url: 'rendered:' }", "{ url: 'rendered:'")
  assert.match(mistakesIn(text)[0] ?? '', /^\d+:\d+ /)
  assert.notEqual(mistakesIn('').length, 0)
  assert.notEqual(mistakesIn('- a\n- b\n').length, 0)
})

test('bays that share a name, and more boards than one, are named where they stand', () => {
  const twice = virtual.replace('bayId: B-18', 'bayId: B-17')
  assert.match(
    mistakesIn(twice).join(),
    new RegExp(`^${lineOf(virtual, 'bayId: B-18')}:\\d+ bayId B-17 .* twice`),
  )
  const boards = virtual.replaceAll('lock: simulated', 'lock: board')
  assert.match(mistakesIn(boards).join(), /^\d+:\d+ one bay must have lock: board, not 3$/)
})

test('a camera that cannot be is named at its line, and so is a text that scenarios would have to show', () => {
  for (const [url, what] of [
    ['v4l2:/dev/video0?size=9x9', /size of 9x9/],
    ['http://[', /no URL/],
    ['rendered:?text=112345678901234567890142', /leave text out/],
    ['rendered:?blur=99', /blur is 99/],
  ] as const) {
    const text = virtual.replace("camera: { url: 'rendered:' }", `camera: { url: '${url}' }`)
    const mistakes = mistakesIn(text)
    assert.match(mistakes.join(), what)
    assert.ok(mistakes[0]?.startsWith(`${lineOf(text, 'camera: {')}:`), mistakes.join())
  }
})

test('a calibration lies beside the profile that names it', (t) => {
  const beside = mkdtempSync(join(tmpdir(), 'lockstep-profile-'))
  t.after(() => rmSync(beside, { recursive: true, force: true }))
  const file = join(beside, 'bench.yaml')
  writeFileSync(
    file,
    virtual.replace("{ url: 'rendered:' }", "{ url: 'file:frames/', calibration: eye.json }"),
  )
  assert.equal(loadProfile(file).camera.calibration, join(beside, 'eye.json'))
})

test('a broker that runs already needs the password of every user, and separate processes a bus between them', () => {
  const broker = virtual.replace(
    "broker: { url: 'embedded:' }",
    'broker: { url: mqtts://b:8883, passwords: { cloud: x } }',
  )
  assert.deepEqual(mistakesIn(broker), [
    `${lineOf(broker, 'mqtts')}:9 broker.passwords has none for platform, observer, EV-0421, L-17, L-18, L-D1`,
  ])
  const apart = `${virtual}processes: each\n`
  assert.match(mistakesIn(apart).join(), /bus memory: is one process’s/)
})

test('a party that cannot be external is answered with those that can be', () => {
  const text = `${virtual}parties: { lock: { external: 'http://127.0.0.1:8080' } }\n`
  assert.deepEqual(mistakesIn(text), [
    `${lineOf(text, 'lock: { external')}:12 parties: unknown setting "lock"; known: cloud, platform`,
  ])
})

test('an alias that cannot be followed is a mistake with its place', () => {
  const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(', ')}]\n`
  const bomb = level('a', '1') + level('b', '*a') + level('c', '*b') + level('d', '*c')
  assert.match(mistakesIn(bomb)[0] ?? '', /^4:\d+ aliases up to here repeat other aliases too often$/)
  assert.deepEqual(mistakesIn('rig: &x 1\nbus: *y\n'), ['2:6 there is no anchor &y before this alias'])
  assert.deepEqual(mistakesIn('bus: &a\n  url: *a\n'), ['2:8 the alias *a repeats what it stands in'])
})
