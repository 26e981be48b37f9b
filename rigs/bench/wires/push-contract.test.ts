import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PushOpening } from '../../../reference/cloud/push-opening.js'
import { pushFields } from '../../../reference/wechat/push/push.js'
import { PushSealing } from '../../../reference/wechat/push/push-sealing.js'
import { writeXml } from '../../../reference/wechat-wire/strict-xml.js'
import type { TappedRequest } from './tapped-http.js'
import { pushContract, type PushProtection } from './push-contract.js'

const ACCOUNT = { token: 'mytoken', appId: 'wx0123456789abcdef', aesKey: 'a1'.repeat(21) + 'Z' }
const [TIME, NONCE] = ['1790000000', '42']
const OPENID = 'oABCdefghijklmnopqrstuvwxyz0'
const FIELDS = pushFields({
  to: 'gh_1',
  from: OPENID,
  createTime: 1790000000,
  msgId: '4611686018427387905',
  body: { kind: 'text', content: '停车' },
})
const REPLY = { ToUserName: OPENID, FromUserName: 'gh_1', CreateTime: 1790000000, MsgType: 'text' }
const ANSWER = writeXml({ ...REPLY, Content: '好的' })

const request = (body: string, query: Readonly<Record<string, string>>): TappedRequest => ({
  method: 'POST',
  path: `/wechat?${new URLSearchParams(query).toString()}`,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(body),
})

function wire(mode: PushProtection['mode'], key = ACCOUNT.aesKey) {
  const contract = pushContract({ ...ACCOUNT, mode })
  const sealed = new PushSealing(ACCOUNT.token, mode, ACCOUNT.appId, key).seal(FIELDS, TIME, NONCE)
  const asked = request(sealed.body, sealed.query)
  const closing = new PushOpening(ACCOUNT.token, ACCOUNT.appId, mode === 'plain' ? undefined : key)
  return {
    contract,
    sealed,
    asked: (body = sealed.body, query: Readonly<Record<string, string>> = sealed.query) =>
      contract.request(request(body, query), undefined),
    answered: (body = closing.close(ANSWER, TIME, NONCE)) =>
      contract.response({ request: asked, status: 200, headers: {}, body: Buffer.from(body) }, undefined),
    closing,
  }
}

for (const mode of ['plain', 'compatible', 'safe'] as const) {
  test(`${mode} mode: what WeChat and the cloud say keeps the contract, and can be read`, () => {
    const { contract, asked, answered, sealed, closing } = wire(mode)
    assert.equal(asked(), undefined)
    assert.equal(answered(), undefined)
    assert.equal(answered('success'), undefined)
    assert.match(contract.readable?.(sealed.body) ?? sealed.body, /<Content><!\[CDATA\[停车/)
    assert.equal(contract.readable?.(closing.close(ANSWER, TIME, NONCE)), ANSWER)
  })
}

test('a push that is not encrypted as it should be is WeChat’s fault', () => {
  const { asked, sealed } = wire('safe')
  const { encrypt_type: _type, ...unmarked } = sealed.query
  assert.match(asked(sealed.body, unmarked) ?? '', /not marked/)
  assert.match(asked(sealed.body, { ...sealed.query, msg_signature: 'f'.repeat(40) }) ?? '', /msg_signature/)
  assert.match(asked(sealed.body.replace('</xml>', '<Content>a</Content></xml>')) ?? '', /shows Content/)
  assert.match(asked(writeXml(FIELDS)) ?? '', /msg_signature/)
  const other = wire('safe', 'b2'.repeat(21) + 'Z').sealed
  assert.match(asked(other.body, other.query) ?? '', /cannot be decrypted/)
  const compatible = wire('compatible')
  assert.match(compatible.asked(compatible.sealed.body.replace('停车', '别的')) ?? '', /another Content/)
  assert.match(wire('plain').asked(sealed.body, sealed.query) ?? '', /encrypted in plain mode/)
})

test('an answer that is not closed as it should be is the cloud’s fault', () => {
  const { answered, closing } = wire('safe')
  assert.match(answered(ANSWER) ?? '', /plain text in safe mode/)
  assert.equal(answered(closing.close(ANSWER, TIME, '43')), undefined, 'a nonce of its own is good')
  const closed = closing.close(ANSWER, TIME, NONCE)
  assert.match(answered(closed.replace(TIME, '1790000001')) ?? '', /MsgSignature/)
  assert.match(answered(closing.close(writeXml(REPLY), TIME, NONCE)) ?? '', /Content/)
  assert.match(answered(closing.close('{"a":1}', TIME, NONCE)) ?? '', /no XML/)
  assert.match(wire('plain').answered(closed) ?? '', /encrypted in plain mode/)
  assert.equal(wire('compatible').answered(ANSWER), undefined)
})

test('a push without a true signature is its sender’s fault, and an account that refuses it has done right', () => {
  for (const mode of ['plain', 'safe'] as const) {
    const { contract, asked, sealed } = wire(mode)
    const { signature: _signature, ...unsigned } = sealed.query
    const forged = { ...sealed.query, signature: 'f'.repeat(40) }
    assert.match(asked(sealed.body, unsigned) ?? '', /has no signature/)
    assert.match(asked(sealed.body, forged) ?? '', /has a wrong signature/)
    const refused = (query: Readonly<Record<string, string>>) =>
      contract.response(
        { request: request(sealed.body, query), status: 403, headers: {}, body: Buffer.alloc(0) },
        undefined,
      )
    assert.equal(refused(forged), undefined)
    assert.match(refused(sealed.query) ?? '', /answers a push with 403/)
  }
})
