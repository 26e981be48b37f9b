import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connectAsync } from 'mqtt'
import { openPartyLogs } from './party-log.js'
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
  const output = { write: (line: string) => void lines.push(line), close: () => undefined }
  const log = openPartyLogs(undefined, output).log('cloud')
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

test('5,000 refusals with paths of 15 KB write less than 200 KB, and none of a terminal’s commands', async (t) => {
  const file = logFile(t)
  const store = { url: 'libsql::memory:' }
  const broker = await serveSettings('broker', {
    host: '127.0.0.1',
    port: 0,
    credentials: [
      { username: 'platform', password: 'p17', publish: [], subscribe: ['locks/+/events', 'locks/+/status'] },
    ],
  })
  t.after(() => broker.close())
  const platform = await serveSettings(
    'platform',
    {
      store,
      host: '127.0.0.1',
      port: 0,
      cloudToken: 'a-cloud-s-token-for-this-test',
      operatorToken: 'an-operator-s-token-for-this-test',
      broker: { url: broker.urls['broker'], username: 'platform', password: 'p17' },
      webhook: { url: 'http://127.0.0.1:9/', secret: 'webhook-secret' },
      holdSeconds: 900,
      commandTtlSeconds: 60,
    },
    file,
  )
  const { hostname, port } = new URL(platform.urls['platform'] ?? '')
  const head = `GET /v1/${'x%9b31m'.repeat(2_000)} HTTP/1.1\r\nHost: ${hostname}\r\n`
  const request = `${head}X-Correlation-Id: \u009b31m\u0085\r\n\r\n`
  const flood = async (count: number) => {
    const socket = connect({ host: hostname, port: Number(port) })
    let answers = 0
    socket.setEncoding('latin1').on('data', (text: string) => {
      answers += text.split('HTTP/1.1 4').length - 1
      if (answers >= count) socket.end()
    })
    for (let n = 0; n < count; n++) {
      if (!socket.write(request, 'latin1')) await once(socket, 'drain')
    }
    if (!socket.closed) await once(socket, 'close')
    assert.equal(answers, count)
  }
  await Promise.all([flood(2_500), flood(2_500)])
  await platform.close()
  const text = readFileSync(file, 'utf8')
  assert.ok(text.length < 200_000, `${text.length} bytes`)
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/u)
  const omitted = text
    .split('\n')
    .filter((line) => line.includes('"refusals-omitted"'))
    .map((line) => (JSON.parse(line) as { count: number }).count)
  const written = text.match(/"event":"request-refused"/g) ?? []
  assert.equal(written.length + omitted.reduce((sum, count) => sum + count, 0), 5_000)
})
