import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connectAsync } from 'mqtt'
import { openPartyLog } from './party-log.js'
import { serveSettings } from './serve-party.js'

function logFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'party.log')
}

test('a broker that is served alone writes what it refuses, without the guess', async (t) => {
  const file = logFile(t)
  const lock = { username: 'L-17', password: 'p17', publish: ['locks/L-17/events'], subscribe: [] }
  const settings = { host: '127.0.0.1', port: 0, credentials: [lock] }
  const broker = await serveSettings('broker', settings, file)
  t.after(() => broker.close())
  const login = { username: 'L-17', password: 'hunter2', reconnectPeriod: 0 }
  await assert.rejects(connectAsync(broker.urls['broker'] ?? '', login), { code: 4 })
  const [line = '', ...others] = readFileSync(file, 'utf8').trimEnd().split('\n')
  assert.deepEqual(others, [])
  const { at, ...said } = JSON.parse(line) as Record<string, unknown>
  assert.ok(Date.parse(String(at)) > 0)
  assert.deepEqual(said, {
    party: 'broker',
    event: 'broker-refused',
    username: '?',
    what: 'connect',
    reason: 'credential-wrong',
  })
})

test('a clock that somebody else would move says so in the log', async (t) => {
  const file = logFile(t)
  const control = { token: 'a-token-of-16-chars', startMs: 0, port: 0 }
  const lock = { username: 'L-17', password: 'p17', publish: [], subscribe: [] }
  const settings = { host: '127.0.0.1', port: 0, credentials: [lock], clock: { control } }
  const broker = await serveSettings('broker', settings, file)
  t.after(() => broker.close())
  const put = (token: string, body: string) =>
    fetch(`${broker.urls['clock']}/clock`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body,
    })
  assert.equal((await put('a-token-that-is-guessed', '{"epochMs":1}')).status, 401)
  assert.equal((await put(control.token, '{"epochMs":"1"}')).status, 400)
  const said = readFileSync(file, 'utf8')
  assert.deepEqual(said.match(/"reason":"[^"]*"/g), ['"reason":"credential-wrong"', '"reason":"not-a-time"'])
  assert.doesNotMatch(said, /guessed/)
})

test('without a file only refusals and failures are written, and secrets are fingerprints', () => {
  const lines: string[] = []
  const log = openPartyLog(undefined, (line) => lines.push(line))('cloud')
  log.record('push-taken', { openid: 'oABCdefghijklmnopqrstuvwxyz0' })
  log.record(
    'webhook-failed',
    { reason: 'postgres://user:hunter2@host/db', token: 'a-token-of-16-chars' },
    'wx-1',
  )
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /"party":"cloud","event":"webhook-failed","correlationId":"wx-1"/)
  assert.doesNotMatch(lines[0] ?? '', /hunter2|a-token/)
})
