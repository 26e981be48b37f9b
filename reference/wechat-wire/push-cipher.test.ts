import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as wecom from '@wecom/crypto'
import fc from 'fast-check'
import { AesKeyInvalid, CiphertextRefused, PushCipher } from './push-cipher.js'
import { signPage, signPush } from './push-signature.js'

const KEY = 'A'.repeat(43)
const APP_ID = 'wxba5fad812f8e6fb9'
const cipher = new PushCipher(KEY, APP_ID)

/** The platform's published example of an encrypted reply. */
const PUBLISHED = {
  random: Buffer.from('707722b803182950'),
  message: '{"demo_resp":"good luck"}',
  ciphertext: 'ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==',
}

test('encrypts and decrypts the published vector', () => {
  assert.equal(cipher.encrypt(PUBLISHED.message, PUBLISHED.random), PUBLISHED.ciphertext)
  assert.equal(cipher.decrypt(PUBLISHED.ciphertext), PUBLISHED.message)
})

test('signs the published vectors of ciphertexts and pages', () => {
  const signed = signPush('AAAAA', '1713424427', '415670741', PUBLISHED.ciphertext)
  assert.equal(signed, '1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1')
  const ticket = 'sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg'
  const url = 'http://mp.weixin.qq.com?params=value'
  const page = signPage(ticket, 'Wm3WZYTPz0wzccnW', '1414587457', url)
  assert.equal(page, '0f9de62fce790f9a083d5c99e95740ceb90c27ed')
  assert.equal(signPage(ticket, 'Wm3WZYTPz0wzccnW', '1414587457', `${url}#top`), page)
})

test('agrees with @wecom/crypto on random messages, both ways', () => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
    // 43 characters of base64 whose alphabet the console allows
    return Buffer.from(bytes).toString('base64').replace(/[+/]/g, 'x').slice(0, 43)
  })
  fc.assert(
    fc.property(
      keys,
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.string({ minLength: 1 }),
      (key, message, nonce) => {
        const ours = new PushCipher(key, APP_ID)
        const random = randomBytes(16)
        const ciphertext = ours.encrypt(message, random)
        assert.equal(ciphertext, wecom.encrypt(key, message, APP_ID, random))
        const read = wecom.decrypt(key, ciphertext)
        assert.deepEqual([read.message, read.id], [message, APP_ID])
        assert.equal(ours.decrypt(wecom.encrypt(key, message, APP_ID)), message)
        assert.equal(signPush('t', '1', nonce, ciphertext), wecom.getSignature('t', '1', nonce, ciphertext))
      },
    ),
    { numRuns: 300 },
  )
})

function sealed(plain: Buffer): string {
  const key = Buffer.from(`${KEY}=`, 'base64')
  const aes = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([aes.update(plain), aes.final()]).toString('base64')
}

/** A plaintext whose parts the test chooses. */
function plain({ length = 5, appId = APP_ID, pad = undefined as Buffer | undefined }) {
  const head = Buffer.concat([Buffer.alloc(16, 1), Buffer.from([0, 0, 0, length]), Buffer.from('hello')])
  const body = Buffer.concat([head, Buffer.from(appId)])
  const rest = 32 - (body.length % 32)
  return Buffer.concat([body, pad ?? Buffer.alloc(rest, rest)])
}

function refusal(ciphertext: string): string {
  try {
    cipher.decrypt(ciphertext)
  } catch (error) {
    assert.ok(error instanceof CiphertextRefused)
    return error.reason
  }
  return 'taken'
}

test('what was tampered with is refused by name', () => {
  assert.equal(refusal(sealed(plain({}))), 'taken')
  const rest = plain({}).at(-1) ?? 0
  const wrongPads = [
    Buffer.concat([Buffer.alloc(rest - 1, rest), Buffer.from([0])]),
    Buffer.concat([Buffer.alloc(rest - 1, rest), Buffer.from([33])]),
    Buffer.concat([Buffer.from([rest + 1]), Buffer.alloc(rest - 1, rest)]),
  ]
  for (const pad of wrongPads) assert.equal(refusal(sealed(plain({ pad }))), 'padding-wrong')
  assert.equal(refusal(sealed(plain({ length: 200 }))), 'length-wrong')
  assert.equal(refusal(sealed(plain({ appId: 'wxba5fad812f8e6fb8' }))), 'app-id-wrong')
  assert.equal(refusal(sealed(plain({ length: 4 }))), 'app-id-wrong')
  for (const text of ['', 'not base64!', 'QUJD', PUBLISHED.ciphertext.slice(0, -4)]) {
    assert.equal(refusal(text), 'ciphertext-malformed', text)
  }
})

test('every flipped bit of a ciphertext is noticed, by the cipher or by the signature', () => {
  const bytes = Buffer.from(PUBLISHED.ciphertext, 'base64')
  const signature = signPush('AAAAA', '1', 'n', PUBLISHED.ciphertext)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.notEqual(signPush('AAAAA', '1', 'n', flipped.toString('base64')), signature)
  }
})

test('a key that the console would not show is refused, and not repeated', () => {
  for (const key of ['', 'A'.repeat(42), `${'A'.repeat(42)}+`, 'A'.repeat(44)]) {
    assert.throws(() => new PushCipher(key, APP_ID), AesKeyInvalid)
  }
})
