import assert from 'node:assert/strict'
import { test } from 'node:test'
import { platformWorld } from '../fixtures/platform-world.js'

const ASKED = {
  appid: 'wx1',
  redirect_uri: 'http://page.example/plan?a=1#/bay',
  response_type: 'code',
  scope: 'snsapi_base',
  state: 'a b&c=停',
}

test('a link that asks who its user is goes back to its page with a code and its own state', async (t) => {
  const world = await platformWorld(t)
  const openid = await world.user()
  const open = (change: Partial<typeof ASKED>, cookie = `theme=dark; openid=${openid}`) =>
    fetch(
      `${world.wechat.url}/connect/oauth2/authorize?${new URLSearchParams({ ...ASKED, ...change }).toString()}`,
      { redirect: 'manual', headers: { cookie } },
    )
  const answer = await open({})
  assert.equal(answer.status, 302)
  const page = new URL(answer.headers.get('location') ?? '')
  assert.deepEqual([page.origin, page.pathname, page.hash], ['http://page.example', '/plan', '#/bay'])
  assert.deepEqual([page.searchParams.get('a'), page.searchParams.get('state')], ['1', ASKED.state])
  const path = `/sns/oauth2/access_token?appid=wx1&secret=the-secret&grant_type=authorization_code`
  const granted = await world.ask('GET', `${path}&code=${String(page.searchParams.get('code'))}`)
  assert.deepEqual([granted.body['openid'], granted.body['scope']], [openid, 'snsapi_base'])

  const outside = await open({}, 'theme=dark')
  assert.equal(outside.status, 403)
  assert.match(await outside.text(), /请在微信客户端打开链接/)
  assert.equal((await open({ appid: 'wx9' })).status, 404)
  assert.equal((await open({}, 'openid=nobody')).status, 404)
  for (const change of [
    { scope: 'snsapi_all' },
    { response_type: 'token' },
    { redirect_uri: 'javascript:alert(1)' },
    { redirect_uri: 'http://' },
  ]) {
    assert.equal((await open(change)).status, 400, JSON.stringify(change))
  }
})
