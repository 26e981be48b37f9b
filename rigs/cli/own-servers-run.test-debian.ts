import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { after, before, describe, it } from 'node:test'
import { parse, stringify } from 'yaml'
import { packageRoot } from '../../reference/package-root.js'
import { openBroker } from '../bench/broker/open-broker.js'
import { openStoreServer } from '../bench/parties/open-store-server.js'
import type { Profile } from '../bench/profile-schema.js'
import { loadProfile } from '../bench/profile.js'
import { brokerCredentials } from '../bench/broker/broker-credentials.js'
import { OBSERVED_TOPICS, OBSERVER } from '../bench/broker/observe-broker.js'
import { filesWithCodes } from '../evidence/leak-check.js'
import { startMosquitto, type Mosquitto } from '../debian-services/mosquitto.js'
import { startPostgresServer, type PostgresServer } from '../debian-services/postgres-server.js'

const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
const VIRTUAL = join(packageRoot, 'rigs', 'profiles', 'virtual.yaml')
const passwordOf = (username: string) => `the-password-of-${username}`
const log = { record: () => undefined }
/** Fixed, so that they can be looked for in what the run leaves behind. */
const SECRETS = {
  appSecret: 'the-app-secret-of-own-servers',
  wechatToken: 'theWechatTokenOfOwnServers',
  cloudToken: 'the-cloud-token-of-own-servers',
  operatorToken: 'the-operator-token-of-own-servers',
  webhookSecret: 'the-webhook-secret-of-own-servers',
  controlToken: 'the-control-token-of-own-servers',
} as const

/** An openid as WeChat and its mock make them. */
const OPENID = /(?<![\w-])o(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{27}(?![\w-])/

describe('a broker and a store of the user’s own, over TLS', () => {
  let folder: string
  let broker: Mosquitto
  let store: PostgresServer
  let profile: object
  const credentials = [
    ...brokerCredentials(loadProfile('virtual'), passwordOf),
    { username: OBSERVER, password: passwordOf(OBSERVER), publish: [], subscribe: OBSERVED_TOPICS },
  ]

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-own-servers-'))
    broker = await startMosquitto(credentials)
    store = await startPostgresServer({ subject: 'IP:127.0.0.1' })
    writeFileSync(join(folder, 'ca.pem'), broker.ca)
    profile = {
      ...(parse(readFileSync(VIRTUAL, 'utf8')) as object),
      rig: 'own-servers',
      broker: {
        url: broker.url,
        ca: 'ca.pem',
        passwords: Object.fromEntries(credentials.map(({ username, password }) => [username, password])),
      },
      store: { url: store.url('unused') },
      fixed: { secrets: SECRETS },
    }
    writeFileSync(join(folder, 'own.yaml'), stringify(profile))
  })
  after(async () => {
    await broker.close()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('carry scenarios from the message to the bolt', async () => {
    // Not spawnSync: the servers are children of this process, and stop when nobody reads what they log.
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        ...[LOCKSTEP, 'run', 'features/unlocking/code.feature', '--tags', '@REQ-13 or (@REQ-15 and @REQ-16)'],
        ...['--rig', join(folder, 'own.yaml'), '--evidence', join(folder, 'evidence')],
      ],
      { encoding: 'utf8', cwd: packageRoot, maxBuffer: 64 * 1024 * 1024 },
    )
    const record = JSON.parse(readFileSync(join(folder, 'evidence', 'run.json'), 'utf8')) as {
      attestation: Record<string, unknown>
    }
    assert.equal(record.attestation['broker'], `the broker at ${broker.url}`)
    assert.equal(record.attestation['store'], 'PostgreSQL')
    assert.equal(store.countSchemas('lockstep_'), 0, 'each scenario’s schemas are gone')
    leavesNoSecrets(`${stdout}\n${stderr}`, 'the run’s output')
    const files = readdirSync(join(folder, 'evidence'), { recursive: true, withFileTypes: true })
    for (const { name, parentPath } of files.filter((entry) => entry.isFile())) {
      // Pictures may show codes of synthetic users.
      if (!name.endsWith('.png')) leavesNoSecrets(readFileSync(join(parentPath, name), 'latin1'), name)
    }
    assert.deepEqual(filesWithCodes(join(folder, 'evidence')), [])
  })

  function leavesNoSecrets(text: string, where: string): void {
    const passwords = [...credentials.map(({ password }) => password), new URL(store.url('unused')).password]
    for (const secret of [...passwords, ...Object.values(SECRETS)]) {
      assert.ok(!text.includes(secret), `${where} shows ${secret}`)
    }
    assert.doesNotMatch(text.replace(/data:image\/png;base64,[\w+/=]+/g, ''), OPENID, where)
  }

  const open = (change: object, users = credentials.slice(0, -1)) => {
    const own = profile as Profile
    const changed = { ...own, broker: { ...own.broker, ...change } }
    const newFolder = () => folder
    const needs = { credentials: users, observerPassword: passwordOf(OBSERVER), newFolder, log }
    return openBroker(changed, join(folder, 'own.yaml'), needs)
  }
  const refused = (change: object, message: RegExp) =>
    assert.rejects(open(change), { name: 'RigUnavailable', message })

  it('a broker that cannot be used is named before the run, with what to do about it', async () => {
    await (await open({})).close()
    const other = await startMosquitto(credentials, { subject: 'DNS:broker.example' })
    try {
      writeFileSync(join(folder, 'other.pem'), other.ca)
      await refused({ ca: 'other.pem' }, /authority that is not known here[^]*To mend it: [^]*broker\.ca/)
      await refused({ ca: 'none.pem' }, /none\.pem cannot be read[^]*broker\.ca/)
      await refused({ url: other.url, ca: 'other.pem' }, /certificate is for another name[^]*broker\.url/)
    } finally {
      await other.close()
    }
    await refused({ url: 'mqtts://127.0.0.1:1' }, /nothing listens there[^]*start the broker/)
    const wrong = credentials
      .slice(0, -1)
      .map((one) => (/^(L-18|cloud)$/.test(one.username) ? { ...one, password: 'guess' } : one))
    await assert.rejects(open({}, wrong), {
      name: 'RigUnavailable',
      message: /user name or password are wrong for cloud, L-18\n[^]*broker\.passwords/,
    })
  })

  it('so is a store', async () => {
    const right = store.url('unused')
    const authority = store.authorityFile ?? ''
    writeFileSync(join(folder, 'broker-ca.pem'), broker.ca)
    const wrong: [string, RegExp][] = [
      [right.replace(authority, join(folder, 'broker-ca.pem')), /authority[^]*sslrootcert/],
      [right.replace(authority, 'none.pem'), /none\.pem[^]*sslrootcert/],
      [right.replace('127.0.0.1', 'localhost'), /altnames[^]*reach it by the name/],
      [
        right.replace(/lockstep:\w+@/, 'lockstep:guess@'),
        /password authentication[^]*correct user and password/,
      ],
      [right.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'), /ECONNREFUSED[^]*start the server/],
    ]
    for (const [url, message] of wrong) {
      await assert.rejects(openStoreServer(url), (error: Error) => {
        assert.equal(error.name, 'StoreUnavailable')
        assert.match(error.message, message)
        return !error.message.includes(new URL(right).password)
      })
    }
  })
})
