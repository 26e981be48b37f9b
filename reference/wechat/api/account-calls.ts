import { DONE, refuse, type ApiCall, type ApiRequest } from './api-call.js'
import { isRefusal } from './api-error.js'
import { fieldOf, isText } from './json-field.js'
import { readMenu } from './menu-check.js'

function createMenu({ account, body, state }: ApiRequest) {
  const menu = readMenu(body)
  if (isRefusal(menu)) return menu
  state.menus.set(account.appId, menu)
  return DONE
}

function getMenu({ account, state }: ApiRequest) {
  const menu = state.menus.get(account.appId)
  return menu ? { json: { menu } } : refuse(46003)
}

function deleteMenu({ account, state }: ApiRequest) {
  state.menus.delete(account.appId)
  return DONE
}

function currentMenu({ account, state }: ApiRequest) {
  const menu = state.menus.get(account.appId)
  return { json: { is_menu_open: menu ? 1 : 0, selfmenu_info: menu ?? { button: [] } } }
}

function getTicket({ account, query, state }: ApiRequest) {
  if (query['type'] !== 'jsapi') return refuse(40097)
  return { json: { errcode: 0, errmsg: 'ok', ...state.pageTickets.get(account.appId) } }
}

function clearQuota({ account, body, state }: ApiRequest) {
  if (fieldOf(body, 'appid') !== account.appId) return refuse(40013)
  const cleared = state.quotas.clear(account.appId)
  return cleared === 'cleared' ? DONE : cleared
}

const USERS_AT_ONCE = 10_000

function userInfo({ account, query, state }: ApiRequest) {
  const openid = query['openid']
  if (!isText(openid)) return refuse(41009)
  const follower = state.followers.of(openid, account.appId)
  if (!follower) return refuse(40003)
  if (!follower.subscribed) return { json: { subscribe: 0, openid } }
  const { subscribedAt, scene } = follower
  const isNumber = scene !== undefined && /^\d+$/.test(scene)
  return {
    json: {
      subscribe: 1,
      openid,
      // neither is given any more: since 2021-12-27 they are empty
      nickname: '',
      headimgurl: '',
      language: typeof query['lang'] === 'string' ? query['lang'] : 'zh_CN',
      subscribe_time: Math.floor(subscribedAt / 1000),
      remark: '',
      groupid: 0,
      tagid_list: [],
      subscribe_scene: scene === undefined ? 'ADD_SCENE_SEARCH' : 'ADD_SCENE_QR_CODE',
      qr_scene: isNumber ? Number(scene) : 0,
      qr_scene_str: isNumber || scene === undefined ? '' : scene,
    },
  }
}

function users({ account, query, state }: ApiRequest) {
  const all = state.followers.subscribers(account.appId)
  const next = query['next_openid']
  const from = isText(next) ? all.indexOf(next) + 1 : 0
  if (isText(next) && from === 0) return refuse(40003)
  const openid = all.slice(from, from + USERS_AT_ONCE)
  const answer = { total: all.length, count: openid.length, next_openid: openid.at(-1) ?? '' }
  return { json: openid.length === 0 ? answer : { ...answer, data: { openid } } }
}

const addresses = ({ account }: ApiRequest) => ({ json: { ip_list: account.serverIps ?? ['127.0.0.1'] } })

export const ACCOUNT_CALLS: readonly ApiCall[] = [
  { method: 'POST', path: '/cgi-bin/menu/create', perDay: 1_000, body: 'json', run: createMenu },
  { method: 'GET', path: '/cgi-bin/menu/get', perDay: 10_000, run: getMenu },
  { method: 'GET', path: '/cgi-bin/menu/delete', perDay: 1_000, run: deleteMenu },
  { method: 'GET', path: '/cgi-bin/get_current_selfmenu_info', perDay: 10_000, run: currentMenu },
  { method: 'GET', path: '/cgi-bin/ticket/getticket', perDay: 1_000_000, run: getTicket },
  { method: 'POST', path: '/cgi-bin/clear_quota', perDay: Infinity, body: 'json', run: clearQuota },
  { method: 'GET', path: '/cgi-bin/user/info', perDay: 5_000_000, run: userInfo },
  { method: 'GET', path: '/cgi-bin/user/get', perDay: 500, run: users },
  { method: 'GET', path: '/cgi-bin/getcallbackip', perDay: 10_000, run: addresses },
  { method: 'GET', path: '/cgi-bin/get_api_domain_ip', perDay: 10_000, run: addresses },
]
