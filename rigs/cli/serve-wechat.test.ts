import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { nextLine } from '../../reference/read-lines.js'
import { packageRoot } from '../../reference/package-root.js'

const MAIN = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
const ACCOUNT = ['--appid', 'wx1', '--secret', 's3cret-s3cret', '--token', 'AAAAA']
const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

interface Ready {
  readonly urls: Record<'api' | 'phone' | 'control' | 'clock', string>
  readonly controlToken: string
}

function run(...flags: string[]) {
  return spawn(process.execPath, [MAIN, 'serve', 'wechat', ...flags], { stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Starts the platform, and ends it with the test. */
async function serve(t: TestContext, ...flags: string[]) {
  const child = run(...ACCOUNT, ...flags)
  t.after(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
    assert.equal(child.exitCode, 0)
  })
  const line = await nextLine(child.stdout)
  return JSON.parse(line) as Ready
}

const json = async (url: string, method = 'GET', body?: object, headers = {}) => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Record<string, unknown> }
}

test('serves one account by flags alone: pushes, API, phones, faults, and a clock that is moved', async (t) => {
  const pushed: URLSearchParams[] = []
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://account').searchParams
    if (request.method === 'POST') pushed.push(query)
    response.end(query.get('echostr') ?? 'success')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const callback = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wechat`
  const { urls, controlToken } = await serve(
    t,
    ...['--port', '0', '--mode', 'safe', '--aes-key', AES_KEY, '--callback', callback, '--clock', 'manual'],
  )
  const { body: user } = await json(`${urls.phone}users`, 'POST', { device: 'phone' })
  const followed = await json(`${urls.phone}users/${String(user['openid'])}/subscribe`, 'POST', {
    appId: 'wx1',
  })
  assert.equal(followed.status, 202)
  await fetch(`${urls.phone}settled`)
  assert.equal(pushed[0]?.get('encrypt_type'), 'aes')

  const tokenUrl = `${urls.api}/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=s3cret-s3cret`
  const { body: token } = await json(tokenUrl)
  const call = async () =>
    (await json(`${urls.api}/cgi-bin/menu/get?access_token=${String(token['access_token'])}`)).body['errcode']
  assert.equal(await call(), 46003)
  const control = { authorization: `Bearer ${controlToken}` }
  const epochMs = Date.now() + 3 * 3_600_000
  assert.equal((await json(`${urls.clock}/clock`, 'PUT', { epochMs })).status, 401)
  assert.equal((await json(`${urls.clock}/clock`, 'PUT', { epochMs }, control)).status, 204)
  assert.equal(await call(), 42001)
  assert.equal((await json(`${urls.control}/faults`, 'PUT', { refuseAddresses: true }, control)).status, 204)
  assert.equal((await json(tokenUrl)).body['errcode'], 40164)
})

const BAD: [string[], RegExp][] = [
  [['--port', '0'], /WeChatFlagInvalid: --appid is needed/],
  [['--appid', 'wx1', '--token', 'AAAAA'], /--secret is needed/],
  [['--appid', 'an id', '--secret', 's', '--token', 'AAAAA'], /WeChatFlagInvalid: --appid is letters/],
  [[...ACCOUNT, '--port', '65536'], /--port is a number from 0 to 65535, not "65536"/],
  [[...ACCOUNT, '--mode', 'secret'], /--mode is one of plain, compatible, safe, not "secret"/],
  [[...ACCOUNT, '--mode', 'safe'], /--aes-key is needed: the mode safe encrypts/],
  [[...ACCOUNT, '--aes-key', 'short'], /--aes-key is 43 letters and digits/],
  [[...ACCOUNT, '--callback', 'ftp://x/'], /--callback is an http or https URL, not "ftp:\/\/x\/"/],
  [[...ACCOUNT, '--clock', 'sundial'], /--clock is one of system, manual, not "sundial"/],
  [[...ACCOUNT, '--original-id', 'x'], /--original-id begins with gh_/],
  [[...ACCOUNT, '--store', 'postgres://x'], /--store is libsql:PATH/],
  [[...ACCOUNT, '--control-token', 'short'], /--control-token has 16 characters/],
  [[...ACCOUNT, '--config', 'x.yaml'], /UsageError: --appid is for `serve wechat` without --config/],
  [[...ACCOUNT, '--colour', 'red'], /unknown option '--colour'/],
]
test('bad flags are named, exit code 2, and no secret is repeated', async () => {
  const running = BAD.map(async ([flags, message]) => {
    const child = run(...flags)
    child.stdin.end()
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part))
    const [code] = (await once(child, 'close')) as [number]
    assert.match(said, message)
    assert.equal(code, 2, flags.join(' '))
    assert.ok(!said.includes('s3cret'))
  })
  await Promise.all(running)
})
