import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadProfile } from '../profile.js'
import type { Profile } from '../profile-schema.js'
import { whyNotShown } from './scenario-needs.js'

const virtual = loadProfile('virtual')
const clock = { url: 'http://clock.example', token: 'a-token-of-the-clock' }
const on = (parts: Partial<Profile>) => ({ ...virtual, ...parts })

test('a rig of reference parties shows everything', () => {
  assert.equal(whyNotShown(['@movable-time', '@encrypted-push'], virtual), undefined)
})

test('a party without a clock: what moves time is not shown, and nothing else', () => {
  const profile = on({
    parties: { platform: { external: 'http://p.example' }, cloud: { external: 'http://c.example', clock } },
  })
  assert.match(
    whyNotShown(['@REQ-17', '@movable-time'], profile) ?? '',
    /external platform at http:\/\/p\.example.*clock.*profile/,
  )
  assert.equal(whyNotShown(['@REQ-17'], profile), undefined)
})

test('a cloud of plain pushes: what is encrypted is not shown', () => {
  const parties = { cloud: { external: 'http://c.example', clock } }
  const fixed = { secrets: { wechatAesKey: 'k'.repeat(43) } }
  const wechat = { mode: 'safe' } as const
  for (const profile of [on({ parties }), on({ parties, fixed }), on({ parties, wechat })]) {
    assert.match(whyNotShown(['@encrypted-push'], profile) ?? '', /c\.example takes plain.*mode: safe/)
  }
  assert.equal(whyNotShown(['@encrypted-push'], on({ parties, fixed, wechat })), undefined)
})
