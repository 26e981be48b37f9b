import { DONE, refuse, type ApiCall, type ApiRequest } from './api-call.js'
import { isRefusal } from './api-error.js'
import { fieldOf, isText } from './json-field.js'
import { readMenu, type MenuButton } from './menu-check.js'

function createMenu({ account, body, state }: ApiRequest) {
  const menu = readMenu(body)
  if (isRefusal(menu)) return menu
  state.menus.set(account.appId, menu)
  return DONE
}

/** Every button is told with those below it, also when there are none. */
const withAllBelow = (buttons: readonly MenuButton[]): object[] =>
  buttons.map((button) => ({ ...button, sub_button: withAllBelow(button.sub_button ?? []) }))

function getMenu({ account, state }: ApiRequest) {
  const menu = state.menus.get(account.appId)
  return menu ? { json: { menu: { button: withAllBelow(menu.button) } } } : refuse(46003)
}

function deleteMenu({ account, state }: ApiRequest) {
  state.menus.delete(account.appId)
  return DONE
}

/** This call alone tells those below a button in a list of their own. */
const withLists = (buttons: readonly MenuButton[]): object[] =>
  buttons.map(({ sub_button, ...button }) =>
    sub_button?.length ? { ...button, sub_button: { list: withLists(sub_button) } } : button,
  )

function currentMenu({ account, state }: ApiRequest) {
  const button = withLists(state.menus.get(account.appId)?.button ?? [])
  return { json: { is_menu_open: button.length > 0 ? 1 : 0, selfmenu_info: { button } } }
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

const USERS_IN_A_BATCH = 100

/** What is told of a user; undefined when there is none of that openid. */
function userRecord({ account, state }: ApiRequest, openid: string, lang: unknown): object | undefined {
  const follower = state.followers.of(openid, account.appId)
  if (!follower?.subscribed) return follower && { subscribe: 0, openid }
  const { subscribedAt, scene } = follower
  const isNumber = scene !== undefined && /^\d+$/.test(scene)
  return {
    subscribe: 1,
    openid,
    // neither is given any more: since 2021-12-27 they are empty
    nickname: '',
    headimgurl: '',
    language: isText(lang) ? lang : 'zh_CN',
    subscribe_time: Math.floor(subscribedAt / 1000),
    remark: '',
    groupid: 0,
    tagid_list: [],
    subscribe_scene: scene === undefined ? 'ADD_SCENE_SEARCH' : 'ADD_SCENE_QR_CODE',
    qr_scene: isNumber ? Number(scene) : 0,
    qr_scene_str: isNumber || scene === undefined ? '' : scene,
  }
}

function userInfo(request: ApiRequest) {
  const { openid, lang } = request.query
  if (!isText(openid)) return refuse(41009)
  const json = userRecord(request, openid, lang)
  return json ? { json } : refuse(40003)
}

function usersInfo(request: ApiRequest) {
  const list = fieldOf(request.body, 'user_list')
  if (!Array.isArray(list) || list.length === 0) return refuse(47001)
  if (list.length > USERS_IN_A_BATCH) return refuse(40032)
  const records = list.map((one) => {
    const openid = fieldOf(one, 'openid')
    return isText(openid) ? userRecord(request, openid, fieldOf(one, 'lang')) : undefined
  })
  return records.every((record) => record) ? { json: { user_info_list: records } } : refuse(40003)
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
  { method: 'POST', path: '/cgi-bin/user/info/batchget', perDay: 500_000, body: 'json', run: usersInfo },
  { method: 'GET', path: '/cgi-bin/user/get', perDay: 500, run: users },
  { method: 'GET', path: '/cgi-bin/getcallbackip', perDay: 10_000, run: addresses },
  { method: 'GET', path: '/cgi-bin/get_api_domain_ip', perDay: 10_000, run: addresses },
]
