import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../../reference/package-root.js'
import { serveParty } from './serve-party.js'
import { isPlaceholder, weakSecrets } from './weak-secrets.js'

const SECRET_LINE =
  /\b(?:secret|password|aesKey|\w*[tT]oken|\w+Secret|\w+Password): *(?:'([^']+)'|([^\s,'{}[\]#&*]+))/g

/** What the examples of a folder write where a secret belongs. */
function exampleSecrets(folder: string, ending: RegExp): string[] {
  return readdirSync(join(packageRoot, folder))
    .filter((file) => ending.test(file))
    .flatMap((file) => [...readFileSync(join(packageRoot, folder, file), 'utf8').matchAll(SECRET_LINE)])
    .map(([, quoted, bare]) => quoted ?? bare ?? '')
}

test('the placeholders of the examples are known as such, and drawn secrets are not', () => {
  const examples = [
    ...exampleSecrets('deploy', /example\.yaml$/),
    ...exampleSecrets('docs', /^(serve|own-party)\.md$/),
  ]
  assert.ok(examples.length > 20, `${examples.length} were found`)
  assert.deepEqual(
    examples.filter((secret) => !isPlaceholder(secret)),
    [],
  )
  for (const drawn of ['9f86d081884c7d659a2feaa0c55ad015', 'Xk29-qq_81.zTab', 'mytoken7', 'THEtoken42']) {
    assert.ok(!isPlaceholder(drawn), drawn)
  }
})

test('the same secret for two purposes is named without being repeated; one that is replaced is not', () => {
  const settings = {
    cloudToken: ['s-1', 's-2', 's-1'],
    operatorToken: 's-2',
    webhook: { url: 'http://x', secret: 's-3' },
    parties: [{ name: 'second', secrets: ['s-3'], webhook: { secret: 's-4' } }],
    store: { url: 'postgres://u:s-4@h/d' },
  }
  assert.deepEqual(
    weakSecrets(settings).map(({ what }) => what.split(';')[0]),
    [
      'operatorToken is the same secret as cloudToken',
      'parties.0.secrets is the same secret as webhook.secret',
      'store.url is the same secret as parties.0.webhook.secret',
    ],
  )
})

test('weak secrets are refused where others reach the party, with their line, and warned of on loopback', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-weak-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'wechat.yaml')
  const account = (secret: string) =>
    `accounts:\n  - { appId: wx1, secret: ${secret}, token: '…', originalId: gh_1 }\n`
  const serve = async (host: string) => {
    writeFileSync(file, `host: ${host}\ncontrolToken: one-secret-for-two\n${account('one-secret-for-two')}`)
    return serveParty('wechat', file)
  }
  await assert.rejects(serve('0.0.0.0'), (error: Error) => {
    assert.equal(error.name, 'InvalidSettings')
    assert.match(error.message, /wechat\.yaml:4:27 accounts\.0\.secret is the same secret as controlToken/)
    assert.match(error.message, /wechat\.yaml:4:54 accounts\.0\.token is the placeholder of an example/)
    assert.doesNotMatch(error.message, /one-secret/)
    return true
  })
  const warned: string[] = []
  t.mock.method(process.stderr, 'write', (text: string) => warned.push(text) > 0)
  await (await serve('127.0.0.1')).close()
  t.mock.restoreAll()
  assert.equal(warned.filter((line) => /warning: .*same secret|warning: .*placeholder/.test(line)).length, 2)
})

test('parties whose codes would reach another are a mistake in the file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-weak-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'platform.yaml')
  writeFileSync(
    file,
    `store: { url: 'libsql::memory:' }
broker: { url: 'mqtt://127.0.0.1:9', username: platform, password: p-1 }
cloudToken: a-cloud-token-for-this
operatorToken: an-operator-token-for-this
webhook: { url: 'http://127.0.0.1:9/', secret: w-1 }
parties:
  - { name: second, secrets: [a-second-token-for-this], scopes: [reservations] }
`,
  )
  await assert.rejects(
    serveParty('platform', file),
    /platform\.yaml:7:\d+ second may reserve, so it needs a webhook/,
  )
})
