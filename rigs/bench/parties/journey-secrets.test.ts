import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PhoneMessage } from '../../../reference/contracts/phone-api.js'
import { freePort } from '../../debian-services/free-port.js'
import { PhoneLine } from '../people/phone-line.js'
import { readPicture } from '../stage/pictures.js'
import { openStore } from './open-store.js'
import type { PartyName } from './serve-schemas.js'
import { serveSettings, type ServedParty } from './serve-party.js'

/** Each is its own, so that the log that shows one says which. */
const SECRETS = {
  appSecret: 'a1b2c3d4-app-secret',
  wechatToken: 'wechatTokenOfTest',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  cloudToken: 'cloud-token-a1b2c3d4',
  oldCloudToken: 'cloud-token-of-last-year',
  operatorToken: 'operator-token-a1b2c3d4',
  webhookSecret: 'webhook-secret-a1b2c3d4',
  controlToken: 'control-token-a1b2c3d4',
  cloudPassword: 'cloud-broker-password',
  platformPassword: 'platform-broker-password',
  lockPassword: 'lock-broker-password',
  guessedPassword: 'guessed-broker-password',
  guessedToken: 'guessed-platform-token',
  storePassword: 'store-password-a1b2c3d4',
} as const

const HOST = { host: '127.0.0.1', port: 0 }
const BAY = { bayId: 'B-17', lockId: 'L-17', location: { latitude: 39.90775, longitude: 116.45563 } }

test('no secret, code or openid of a journey and of what goes wrong on it is in any log or message', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-secrets-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const running = new Map<string, ServedParty>()
  t.after(async () => {
    for (const party of [...running.values()].reverse()) await party.close()
  })
  const errors: string[] = []
  const serve = async (party: PartyName, settings: object) => {
    const store = { url: `libsql:${join(folder, `${party}.db`)}` }
    const served = await serveSettings(
      party,
      party === 'broker' ? settings : { ...settings, store },
      join(folder, `${party}.log`),
    )
    running.set(party, served)
    return served.urls[party] ?? ''
  }
  const stop = async (party: PartyName) => {
    await running.get(party)?.close()
    running.delete(party)
  }
  const fails = (work: Promise<unknown>) =>
    work.then(
      () => assert.fail('it should have failed'),
      (error: Error) =>
        void errors.push(`${error.name} ${error.message} ${error.stack} ${String(error.cause)}`),
    )

  const user = (username: string, password: string, publish: string[], subscribe: string[]) => ({
    username,
    password,
    publish,
    subscribe,
  })
  const broker = await serve('broker', {
    ...HOST,
    credentials: [
      user('platform', SECRETS.platformPassword, ['locks/+/commands'], ['locks/+/events', 'locks/+/status']),
      user('cloud', SECRETS.cloudPassword, ['vehicles/+/commands'], ['vehicles/+/events']),
      user('L-17', SECRETS.lockPassword, ['locks/L-17/events', 'locks/L-17/status'], ['locks/L-17/commands']),
    ],
  })
  const access = (username: string, password: string) => ({ url: broker, username, password })
  const account = {
    appId: 'wx0123456789abcdef',
    secret: SECRETS.appSecret,
    token: SECRETS.wechatToken,
    originalId: 'gh_0123456789ab',
    aesKey: SECRETS.aesKey,
  }
  // The cloud has to know where WeChat and the platform are, and they where it is: so it is told last, where it is first.
  const cloudPort = await freePort()
  const cloudUrl = `http://127.0.0.1:${cloudPort}`
  const wechat = await serve('wechat', {
    ...HOST,
    controlToken: SECRETS.controlToken,
    accounts: [{ ...account, mode: 'safe', callbackUrl: `${cloudUrl}/wechat` }],
  })
  const platform = await serve('platform', {
    ...HOST,
    broker: access('platform', SECRETS.platformPassword),
    cloudToken: [SECRETS.cloudToken, SECRETS.oldCloudToken],
    operatorToken: SECRETS.operatorToken,
    webhook: { url: `${cloudUrl}/platform/events`, secret: SECRETS.webhookSecret },
    inventory: [{ ...BAY, label: '国贸地下停车场 B区17号', pricePerHourFen: 600 }],
    holdSeconds: 900,
    commandTtlSeconds: 60,
  })
  await serve('cloud', {
    ...HOST,
    port: cloudPort,
    wechat: { apiUrl: wechat, ...account },
    platform: { url: platform, token: SECRETS.cloudToken, webhookSecret: SECRETS.webhookSecret },
    broker: access('cloud', SECRETS.cloudPassword),
    holdSeconds: 900,
    mapDatum: 'GCJ-02',
  })
  await serve('lock', { ...BAY, broker: access('L-17', SECRETS.lockPassword) })

  const phones = new PhoneLine(wechat, account.appId, SECRETS.controlToken)
  const operator = { authorization: `Bearer ${SECRETS.operatorToken}`, 'content-type': 'application/json' }
  const openid = await phones.newUser('phone')
  let heard = 0
  const next = async (fits: (message: PhoneMessage) => boolean): Promise<PhoneMessage> => {
    for (;;) {
      const { messages } = await phones.conversation(openid, heard, 15_000)
      if (messages.length === 0) assert.fail('the account says nothing more')
      for (const message of messages) {
        heard = message.seq
        if (fits(message)) return message
      }
    }
  }
  await phones.follow(openid)
  await logged(folder, 'platform.log', 'bay-occupancy') // what is not known to be free is offered to nobody
  await phones.text(openid, '国贸')
  const image = await next((message) => message.kind === 'image')
  const code = (await readPicture(await phones.picture(image.mediaId ?? '')))?.text ?? ''
  assert.match(code, /^1\d{23}$/)

  // What goes wrong: a code and an openid as texts, guesses, forgeries, parties and servers that are away.
  await phones.text(openid, `我的码 ${code} ${openid}`)
  await next((message) => message.from === 'account')
  const ask = (method: string, path: string, token: string) =>
    fetch(`${platform}${path}`, { method, headers: { authorization: `Bearer ${token}` } })
  assert.equal((await ask('GET', `/v1/spaces/${code}`, SECRETS.guessedToken)).status, 401)
  assert.equal((await ask('GET', `/v1/spaces/${code}`, SECRETS.oldCloudToken)).status, 404)
  const forged = await fetch(
    `${cloudUrl}/wechat?signature=${SECRETS.wechatToken}&timestamp=1&nonce=${openid}`,
    {
      method: 'POST',
      body: `<xml><FromUserName>${openid}</FromUserName></xml>`,
    },
  )
  assert.equal(forged.status, 403)
  await fails(
    serveSettings('lock', {
      ...BAY,
      store: { url: 'libsql::memory:' },
      broker: access('L-17', SECRETS.guessedPassword),
    }),
  )
  await fails(openStore(`postgres://lockstep:${SECRETS.storePassword}@127.0.0.1:1/db?schema=a`))
  await fails(openStore(`postgres://lockstep:${SECRETS.storePassword}@127.0.0.1:port/db`))
  await stop('wechat')
  await fetch(`${platform}/v1/operator/bays/B-17/service`, {
    method: 'PUT',
    headers: operator,
    body: '{"inService":false}',
  })
  await logged(folder, 'cloud.log', 'message-not-sent')
  await stop('cloud')
  await fetch(`${platform}/v1/operator/bays/B-17/service`, {
    method: 'PUT',
    headers: operator,
    body: '{"inService":true}',
  })
  for (const party of [...running.keys()].reverse()) await stop(party as PartyName)

  const logs = readdirSync(folder).filter((file) => file.endsWith('.log'))
  assert.deepEqual(logs.sort(), ['broker.log', 'cloud.log', 'lock.log', 'platform.log', 'wechat.log'])
  const written = [
    ...logs.map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
    ['errors', errors.join('\n')],
  ]
  for (const [file, text = ''] of written) {
    for (const [name, secret] of Object.entries({ ...SECRETS, code, openid })) {
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      ]) {
        assert.ok(!text.includes(form), `${file} shows the ${name}`)
      }
    }
  }
  // The logs were told of them: what is looked for has been there to leak.
  const all = written.map(([, text]) => text).join('\n')
  for (const fingerprint of [/"openid:[0-9a-f]{8}"/, /code:[0-9a-f]{8}/]) assert.match(all, fingerprint)
})

/** Resolves when a log holds an event. */
async function logged(folder: string, file: string, event: string): Promise<void> {
  const changes = watch(folder)
  const isThere = () => readFileSync(join(folder, file), 'utf8').includes(`"${event}"`)
  // The watch begins with the first look for a change, so the file is read once it has begun.
  const first = changes[Symbol.asyncIterator]().next()
  if (isThere()) return
  await first
  for await (const _change of changes) if (isThere()) return
}
