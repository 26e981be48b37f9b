import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { judgePushSignature, judgeWebhookSignature } from './signatures.js'

const VERIFY = {
  signature: 'f464b24fc39322e44b38aa78f5edd27bd1441696',
  timestamp: '1714036504',
  nonce: '1514711492',
}
const POST = {
  signature: '899cf89e464efb63f54ddac96b0a0a235f53aa78',
  timestamp: '1714037059',
  nonce: '486452656',
}

test('WeChat’s published vectors hold', () => {
  assert.equal(judgePushSignature(VERIFY, 'AAAAA', 1714036504_000, 900), 'good')
  assert.equal(judgePushSignature(POST, 'AAAAA', 1714037059_000, 900), 'good')
})

test('a push that was tampered with, or is old, is refused', () => {
  const judge = (push: typeof POST, nowSeconds = 1714037059) =>
    judgePushSignature(push, 'AAAAA', nowSeconds * 1000, 900)
  assert.equal(judge({ ...POST, nonce: '486452657' }), 'signature-wrong')
  assert.equal(judge({ ...POST, signature: '' }), 'signature-wrong')
  assert.equal(judgePushSignature(POST, 'BBBBB', 1714037059_000, 900), 'signature-wrong')
  assert.equal(judge(POST, 1714037059 + 900), 'good')
  assert.equal(judge(POST, 1714037059 + 901), 'timestamp-outside-window')
  assert.equal(judge(POST, 1714037059 - 901), 'timestamp-outside-window')
})

test('a webhook is judged by its HMAC and age', () => {
  const body = Buffer.from('{"eventId":"e1"}')
  const mac = createHmac('sha256', 's').update('1700000000.{"eventId":"e1"}').digest('hex')
  const given = { signature: `sha256=${mac}`, timestamp: '1700000000', body }
  assert.equal(judgeWebhookSignature(given, 's', 1700000000_000, 900), 'good')
  assert.equal(judgeWebhookSignature(given, 's', 1700000901_000, 900), 'timestamp-outside-window')
  assert.equal(judgeWebhookSignature(given, 'other', 1700000000_000, 900), 'signature-wrong')
  assert.equal(
    judgeWebhookSignature({ ...given, body: Buffer.from('{}') }, 's', 1700000000_000, 900),
    'signature-wrong',
  )
})
