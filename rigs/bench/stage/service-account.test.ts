import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadProfile } from '../profile.js'
import type { Profile } from '../profile-schema.js'
import { drawSecrets } from '../run-secrets.js'
import { serviceAccount } from './service-account.js'

const virtual = loadProfile('virtual')
const safe: Profile = { ...virtual, wechat: { mode: 'safe' } }
const ownCloud: Profile = { ...virtual, parties: { cloud: { external: 'http://127.0.0.1:8080' } } }
const key = 'a1'.repeat(21) + 'Z'

test('the mode is the profile’s, unless the scenario asks for another', () => {
  const secrets = drawSecrets()
  assert.equal(serviceAccount(virtual, secrets, undefined).protection.mode, 'plain')
  assert.equal(serviceAccount(safe, secrets, undefined).protection.mode, 'safe')
  assert.equal(serviceAccount(safe, secrets, 'compatible').protection.mode, 'compatible')
})

test('WeChat and the cloud know the key when pushes are encrypted, and only then', () => {
  const secrets = drawSecrets()
  const encrypted = serviceAccount(safe, secrets, undefined)
  assert.match(secrets.wechatAesKey, /^[A-Za-z0-9]{43}$/)
  assert.equal(encrypted.atWeChat('http://c/').aesKey, secrets.wechatAesKey)
  assert.equal(encrypted.atCloud('http://w/').aesKey, secrets.wechatAesKey)
  const plain = serviceAccount(virtual, secrets, undefined)
  assert.equal(plain.atCloud('http://w/').aesKey, undefined)
})

test('nothing is encrypted for a user’s own cloud that has been given no key', () => {
  const secrets = drawSecrets()
  assert.equal(serviceAccount(ownCloud, secrets, undefined).protection.mode, 'plain')
  assert.throws(() => serviceAccount(ownCloud, secrets, 'safe'), {
    name: 'RigUnavailable',
    message: /no key.*fixed\.secrets\.wechatAesKey/s,
  })
  const told: Profile = { ...ownCloud, fixed: { secrets: { wechatAesKey: key } } }
  assert.equal(serviceAccount(told, drawSecrets(told.fixed?.secrets), 'safe').protection.aesKey, key)
})
