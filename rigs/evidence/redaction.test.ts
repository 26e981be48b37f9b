import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUnlockCode } from '../../reference/domain/unlock-code.js'
import { createRedactor } from './redaction.js'

const key = new Uint8Array(32).fill(7)
let digit = 3
const code = createUnlockCode((limit) => (digit = (digit * 7 + 1) % limit))
const openid = 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M'
const token = 'Zk3/x+9&quite"secret'

test('a secret field becomes a fingerprint, the same everywhere in the run and different in another run', () => {
  const one = createRedactor(key).value({ code: 'X-774411' })
  assert.match(JSON.stringify(one), /^\{"code":"code:[0-9a-f]{8}"\}$/)
  assert.deepEqual(createRedactor(key).value({ code: 'X-774411' }), one)
  assert.notDeepEqual(createRedactor(new Uint8Array(32)).value({ code: 'X-774411' }), one)
})

const forms: Record<string, unknown> = {
  nested: { a: [{ b: { accessToken: token } }], 'Access-Token': [token] },
  'pairs and raw headers': [
    ['token', token],
    ['Host', 'x', 'Authorization', token],
    { name: 'token', value: token },
  ],
  map: new Map([['password', token]]),
  'XML with CDATA': `<xml><Token><![CDATA[${token}]]></Token></xml>`,
  'XML, escaped': `<xml><Token>${token.replace(/&/g, '&amp;').replace(/"/g, '&quot;')}</Token></xml>`,
  query: `GET /cb?access_token=${encodeURIComponent(token)}&x=1`,
  'query in a redirect': `/go?to=${encodeURIComponent(`https://a/b?x=1&token=${encodeURIComponent(token)}`)}`,
  'encoded query alone': encodeURIComponent(`https://a/b?x=1&token=${encodeURIComponent(token)}`),
  'JSON in a string': JSON.stringify({ token }),
  'JSON in JSON': { payload: JSON.stringify({ inner: JSON.stringify({ token }) }) },
  'JSON in a query': `/q?payload=${encodeURIComponent(JSON.stringify({ token }))}`,
  'JSON bytes': Buffer.from(JSON.stringify({ token })),
  error: Object.assign(new Error('refused', { cause: { token } }), { token }),
  'numbers and objects under a secret name': { password: 448812345678, token: { parts: [token] } },
}

for (const [name, form] of Object.entries(forms)) {
  test(`nothing leaks: ${name}`, () => {
    const shown = JSON.stringify(createRedactor(key).value(form))
    for (const part of ['Zk3', 'quite', 'secret"', '448812345678', encodeURIComponent(token)]) {
      assert.ok(!shown.includes(part), `${part} in ${shown}`)
    }
    assert.match(shown, /(?::|%3A)[0-9a-f]{8}/)
  })
}

for (const text of [
  `scanned ${code}`,
  `${code}${code}`,
  `0${code}9`,
  `{"text":"${code}`,
  `user ${openid} wrote`,
  `<FromUserName>${openid}</FromUserName>`,
  `Authorization: Bearer ${openid}`,
  `mqtt://lock:${openid}@host`,
  `say "code": \\"${openid}\\"`,
]) {
  test(`codes, openids and credentials are found in any text: ${text.slice(0, 12)}`, () => {
    const shown = createRedactor(key).text(text)
    assert.ok(!shown.includes(code) && !shown.includes(openid), shown)
    assert.match(shown, /:[0-9a-f]{8}/)
  })
}

test('a value once seen as a secret is replaced wherever it occurs later, in every written form', () => {
  const redactor = createRedactor(key)
  redactor.value({ password: token })
  const later = [
    token,
    encodeURIComponent(token),
    JSON.stringify(token),
    Buffer.from(token).toString('base64'),
  ].join(' ')
  const shown = redactor.text(`login failed: ${later}`)
  assert.equal(shown.match(/password:[0-9a-f]{8}/g)?.length, 4, shown)
})

test('the same value has the same fingerprint in JSON, XML and a query', () => {
  const print = (input: unknown) =>
    /:([0-9a-f]{8})/.exec(JSON.stringify(createRedactor(key).value(input)))?.[1]
  assert.equal(print({ openid }), print(`<FromUserName><![CDATA[${openid}]]></FromUserName>`))
  assert.equal(print({ openid }), print(`?openid=${openid}`))
  assert.equal(print({ token }), print(`?token=${encodeURIComponent(token)}`))
})

test('what is no secret stays legible: statuses, the account, words, times', () => {
  const harmless = {
    code: 404,
    ToUserName: 'gh_0123456789ab',
    text: 'the exit code: 3; B-17 "车位" reserved=true',
    monotonic: '1234567890123456789',
    capital: 'obstructed-lock-stays-closed',
    errcode: 40001,
    cause: { code: 'ECONNREFUSED' },
    time: new Date(0),
    none: null,
  }
  assert.deepEqual(createRedactor(key).value(harmless), { ...harmless, time: '1970-01-01T00:00:00.000Z' })
})

test('a fingerprint is not fingerprinted again', () => {
  const redactor = createRedactor(key)
  const once = redactor.value({ openid, note: `for ${openid}` })
  assert.deepEqual(redactor.value(once), once)
})

test('what cannot be copied is named, never thrown', () => {
  const loop: Record<string, unknown> = { big: 10n, f: () => 1, bytes: Uint8Array.of(255, 254) }
  loop['self'] = loop
  loop['bad'] = Object.defineProperty({}, 'x', {
    enumerable: true,
    get() {
      throw new RangeError('no')
    },
  })
  assert.equal(createRedactor(key).value(loop), '[unreadable: RangeError]')
  delete loop['bad']
  assert.deepEqual(createRedactor(key).value(loop), {
    big: '10',
    f: '[function]',
    bytes: '[2 bytes that are not text]',
    self: '[circular]',
  })
})
