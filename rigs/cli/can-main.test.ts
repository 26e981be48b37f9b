import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { testFolder } from './can-test-world.js'

const MAIN = join(import.meta.dirname, 'main.js')
const folder = testFolder()
const DBC = folder.tripDbc()
const LINE = '  vcan0  421   [8]  7B 00 E8 03 01 10 00 00\n'

function can(words: readonly string[], input = '') {
  return spawnSync(process.execPath, [MAIN, 'can', ...words], { input, encoding: 'utf8', timeout: 60_000 })
}

for (const [what, words, input, problem] of [
  ['a URL that is none', ['dump', '--bus', 'usb:can0'], '', /^lockstep: InvalidCanUrl: bus "usb:can0"/],
  ['no bus', ['dump'], '', /required option '--bus <url>'/],
  [
    'a frame that is none',
    ['send', '--bus', 'memory:', '123'],
    '',
    /^lockstep: MalformedCanFrame: "123" is no frame/,
  ],
  [
    'a log that is none',
    ['decode', '--dbc', DBC, '-'],
    'hello\n',
    /^lockstep: CanLogSyntaxError: unknown log, line 1/,
  ],
  [
    'a line that is none',
    ['decode', '--strict', '--dbc', DBC, '-'],
    `${LINE}x\n`,
    /^lockstep: CanLogSyntaxError: candump-text log, line 2/m,
  ],
  [
    'an unknown speed',
    ['play', '--bus', 'memory:', '--speed', 'x', '-'],
    '',
    /^lockstep: UsageError: --speed x/,
  ],
  [
    'a message that is none',
    ['send', '--bus', 'memory:', '--dbc', DBC, 'Nope'],
    '',
    /^lockstep: UnknownDbcMessage/,
  ],
  ['a DBC file that is none', ['decode', '--dbc', MAIN, '-'], '', /^lockstep: DbcSyntaxError/],
] as const) {
  test(`${what} is a mistake of usage: exit 2, and one line that names it`, () => {
    const { status, stdout, stderr } = can(words, input)
    assert.equal(status, 2, stderr)
    assert.match(stderr, problem)
    assert.ok(!stderr.includes('    at '), stderr)
    assert.ok(!stdout.includes('lockstep:'))
  })
}

test('a log with a bad line is decoded without it, and the exit code says so: 5', () => {
  const { status, stdout, stderr } = can(['decode', '--dbc', DBC, '-'], `${LINE}x\n${LINE}`)
  assert.equal(status, 5, stderr)
  assert.equal(stdout.trimEnd().split('\n').length, 2)
  assert.match(stderr, /^lockstep: -:2:2: expected /m)
})

test('a bus that is not there is a failure of the rig: exit 3', () => {
  const { status, stderr } = can(['send', '--bus', 'socketcan:nocan9', '123#00'])
  assert.equal(status, 3, stderr)
  assert.match(stderr, /^lockstep: CanBusUnavailable: socketcan:nocan9: /)
})

test('decode works in a pipe', () => {
  const { status, stdout, stderr } = can(['decode', '--dbc', DBC, '-'], LINE)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^vcan0 {2}421 {3}\[8\] {2}7B 00 E8 03 01 10 00 00 :: Trip\(/)
  assert.equal(stderr, 'lockstep: 1 frames, 1 decoded\n')
})

test('an output that cannot be written is a failure of the rig: exit 3, and one line that says so', () => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'can', 'decode', '--dbc', DBC, '-'], {
    input: LINE,
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['pipe', full, 'pipe'],
  })
  closeSync(full)
  assert.equal(status, 3, stderr)
  assert.match(stderr, /^lockstep: the standard output cannot be written: ENOSPC/)
  assert.ok(!stderr.includes('    at '), stderr)
})

test('a DBC file may be a pipe; one that cannot be read is a mistake of usage', () => {
  const log = folder.file('pipe.log', LINE.trimEnd())
  const words = [process.execPath, MAIN, 'can', 'decode', '--dbc', '/dev/stdin', log]
  const script = 'echo "BO_ 1 M: 8 N" | "$@"'
  const piped = spawnSync('sh', ['-c', script, 'sh', ...words], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(piped.status, 0, piped.stderr)
  // The standard input is a socket here, which cannot be opened by name.
  const { status, stderr } = can(['decode', '--dbc', '/dev/stdin', log], 'BO_ 1 M: 8 N')
  assert.equal(status, 2, stderr)
  assert.match(stderr, /^lockstep: UsageError: \/dev\/stdin cannot be read\n {2}because: /)
})

test('dump ends after its seconds, and on SIGINT, both with exit 0', async () => {
  assert.equal(can(['dump', '--bus', 'memory:', '--seconds', '0.05']).status, 0)
  const dump = spawn(process.execPath, [MAIN, 'can', 'decode', '--dbc', DBC, '-'])
  dump.stdin.write(LINE)
  await once(dump.stdout, 'data')
  const ended = once(dump, 'exit')
  dump.kill('SIGINT')
  assert.deepEqual(await ended, [0, null])
})

test('nobody who reads any more ends a command with exit 0', async () => {
  const decode = spawn(process.execPath, [MAIN, 'can', 'decode', '--dbc', DBC, '-'])
  const ended = once(decode, 'exit')
  decode.stdin.on('error', () => undefined)
  decode.stdin.write(LINE)
  await once(decode.stdout, 'data')
  decode.stdout.destroy()
  const more = setInterval(() => decode.stdin.write(LINE), 10)
  try {
    assert.deepEqual(await ended, [0, null])
  } finally {
    clearInterval(more)
  }
})

test('help names every command of can and every flag of its commands', () => {
  const { stdout, status } = can(['--help'])
  assert.equal(status, 0)
  for (const name of ['dump', 'send', 'play', 'decode', 'convert']) {
    assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'))
    assert.equal(can([name, '--help']).status, 0)
  }
})
