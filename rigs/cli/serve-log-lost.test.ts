import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { packageRoot } from '../../reference/package-root.js'
import { nextLine } from '../../reference/read-lines.js'
import { startEmbeddedBroker } from '../drivers/embedded-broker/embedded-broker.js'

const MAIN = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
const UNFINISHED = 110
const linux = { skip: process.platform !== 'linux' }

async function brokerFor(t: TestContext) {
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: ['platform', 'cloud'].map((username) => ({
      username,
      password: `p-of-${username}`,
      publish: [],
      subscribe: ['locks/+/events', 'locks/+/status', 'vehicles/+/events'],
    })),
  })
  t.after(() => broker.close())
  return (username: string) => ({ url: broker.url, username, password: `p-of-${username}` })
}

/** Starts a party as a user would, with few descriptors; it has to end well with the test. */
async function serve(t: TestContext, party: 'platform' | 'cloud', settings: object, flags: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-lost-'))
  const store = { url: `libsql:${join(folder, 'store.db')}` }
  writeFileSync(join(folder, 'party.yaml'), stringify({ store, ...settings }))
  const command = `ulimit -n 64; exec "$0" "$1" serve ${party} --config party.yaml ${flags}`
  const child = spawn('bash', ['-c', command, process.execPath, MAIN], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stderr.resume()
  t.after(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
    assert.equal(child.exitCode, 0)
  })
  const { urls } = JSON.parse(await nextLine(child.stdout)) as { urls: Record<string, string> }
  return { child, url: urls[party] ?? '' }
}

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null

/** Begins requests that it never ends. */
async function unfinishedHeads(t: TestContext, url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  for (let n = 0; n < UNFINISHED; n++) {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => undefined)
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    socket.write(`GET /${n} HTTP/1.1\r\nHost: ${hostname}\r\n`)
  }
}

test(
  'a platform whose log is on a full disk, with 64 descriptors and 110 unfinished heads, answers as ever',
  linux,
  async (t) => {
    const broker = await brokerFor(t)
    const settings = {
      broker: broker('platform'),
      cloudToken: 'a-cloud-s-token-for-this-test',
      operatorToken: 'an-operator-s-token-for-this-test',
      webhook: { url: 'http://127.0.0.1:9/', secret: 'webhook-secret-for-this-test' },
    }
    const { child, url } = await serve(t, 'platform', settings, '--log /dev/full')
    const ask = async (token: string) => {
      const answer = await fetch(`${url}/v1/spaces`, { headers: { authorization: `bearer ${token}` } })
      return { status: answer.status, body: await answer.text() }
    }
    const refused = '{"error":"unauthorised","message":"this needs a valid bearer token"}'
    assert.deepEqual(await ask('guessed'), { status: 401, body: refused })
    await unfinishedHeads(t, url)
    for (let n = 0; n < 10; n++) {
      assert.deepEqual(await ask('guessed'), { status: 401, body: refused })
      assert.equal((await ask(settings.cloudToken)).status, 200)
    }
    assert.ok(isAlive(child))
  },
)

test(
  'a cloud whose log is on a full disk, or whose standard error nobody reads, answers as ever',
  linux,
  async (t) => {
    const broker = await brokerFor(t)
    const settings = {
      broker: broker('cloud'),
      wechat: {
        apiUrl: 'http://127.0.0.1:9',
        appId: 'wx1',
        secret: 'app-s3cret-of-it',
        token: 'push-token-of-it',
      },
      platform: { url: 'http://127.0.0.1:9', token: 'a-token-for-it', webhookSecret: 'a-webhook-secret' },
    }
    const parties = await Promise.all(
      ['--log /dev/full', ''].map((flags) => serve(t, 'cloud', settings, flags)),
    )
    for (const { child, url } of parties) {
      child.stderr?.destroy()
      await unfinishedHeads(t, url)
      for (let n = 0; n < 10; n++) {
        const push = await fetch(`${url}/wechat?signature=0&timestamp=1&nonce=2`, {
          method: 'POST',
          body: '<xml/>',
        })
        assert.deepEqual([push.status, await push.text()], [403, 'signature-wrong'])
        const webhook = await fetch(`${url}/platform/events`, { method: 'POST', body: '{}' })
        assert.equal(webhook.status, 401)
        assert.doesNotMatch(await webhook.text(), /<|\bat /)
      }
      assert.ok(isAlive(child))
    }
  },
)
