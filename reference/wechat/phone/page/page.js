// A phone of the WeChat platform mock, for a person: what is done here goes to the phone API (phone.openapi.yaml).
import { ensureChineseFont } from './chinese-font.js'
import { showCode } from './code-screen.js'
import { askForPlace } from './place-form.js'
import { messageElement } from './messages.js'

const find = (id) => document.getElementById(id)
const parameters = new URLSearchParams(location.search)
const WAIT_MS = 25_000
/** After a failure of the line, before the next attempt to read. */
const PAUSE_MS = 2_000

let appId = ''
let openid = ''
let seen = 0
let lastCode = ''
/** What the account said last: under the code it tells what the code is for. */
let lastWords = ''
/** Counts up when another account is chosen: readers of the one before stop. */
let epoch = 0

function tell(text) {
  find('trouble').textContent = text
  find('trouble').hidden = text === ''
}

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const read = text ? JSON.parse(text) : {}
  if (answer.ok) return read
  if (answer.status === 409 && read.error === 'not-subscribed') setFollowing(false)
  throw Object.assign(new Error(read.message ?? `HTTP ${answer.status}`), { problem: read.error })
}

/** Does something for the user, and tells them when it fails. */
async function attempt(work) {
  try {
    tell('')
    return await work()
  } catch (error) {
    tell(error.problem ? error.message : '没有网络，请重试 · No connection, try again')
  }
}

const act = (action, body = {}) => ask('POST', `users/${openid}/${action}`, { appId, ...body })
const place = (then) => askForPlace((chosen) => attempt(() => then(chosen)))

function setFollowing(following) {
  localStorage.setItem(`following ${appId} ${openid}`, following ? '1' : '')
  find('welcome').hidden = following
  find('controls').hidden = !following
  find('leave').hidden = !following
  if (following) void showMenu()
}

async function tap(button, path) {
  if (button.type === 'location_select') return place((chosen) => act('menu', { path, place: chosen }))
  const scans = button.type?.startsWith('scancode')
  const result = scans ? prompt('扫到的内容 · What the scanner reads') : undefined
  if (scans && !result) return
  const opened = await act('menu', { path, ...(result && { result }) })
  if (opened.url) window.open(opened.url, '_blank', 'noopener')
}

function menuButton(button, path) {
  const holder = document.createElement('div')
  const element = document.createElement('button')
  element.type = 'button'
  element.textContent = button.name
  holder.append(element)
  if (!button.sub_button?.length) {
    element.onclick = () => attempt(() => tap(button, path))
    return holder
  }
  const below = document.createElement('div')
  below.className = 'below'
  below.hidden = true
  button.sub_button.forEach((child, index) => below.append(menuButton(child, [...path, index])))
  below.onclick = () => (below.hidden = true)
  element.onclick = () => (below.hidden = !below.hidden)
  holder.append(below)
  return holder
}

// whoever turns to something else must not hit a button of an open menu by mistake
for (const turn of ['click', 'focusin']) {
  document.addEventListener(turn, ({ target }) => {
    for (const below of document.querySelectorAll('.below')) {
      if (!below.parentElement.contains(target)) below.hidden = true
    }
  })
}

/** Shows the account's menu; one that the account publishes later, or changes, comes with its next message. */
async function showMenu() {
  await attempt(async () => {
    const { button } = await ask('GET', `users/${openid}/menu?appId=${encodeURIComponent(appId)}`)
    const now = JSON.stringify(button)
    if (find('menu').dataset.shown === now) return
    find('menu').dataset.shown = now
    find('menu').replaceChildren(...button.map((one, index) => menuButton(one, [index])))
  })
}

function show(message) {
  seen = message.seq
  const conversation = find('conversation')
  const shown = messageElement(message, {
    openPicture: (source) => showCode(source, lastWords),
    choose: (id) => attempt(() => act('choice', { seq: message.seq, id })),
  })
  conversation.append(shown)
  const toEnd = () => (conversation.scrollTop = conversation.scrollHeight)
  toEnd()
  // a picture has its height only when it has come
  shown.querySelector('img')?.addEventListener('load', toEnd)
  if (message.kind === 'image' && message.from === 'account') {
    lastCode = `media/${message.mediaId}`
    find('show-code').hidden = false
    toEnd()
  } else if (message.from === 'account' && message.text) lastWords = message.text.split('\n')[0]
}

async function read(mine) {
  while (mine === epoch) {
    try {
      const query = new URLSearchParams({ appId, after: String(seen), waitMs: String(WAIT_MS) })
      const { messages } = await ask('GET', `users/${openid}/conversation?${query}`)
      if (mine !== epoch) return
      messages.forEach(show)
      if (!find('controls').hidden) void showMenu()
    } catch (error) {
      if (error.problem === 'user-unknown') return start(true)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/** The user of this browser, or a new one. */
async function identify(anew) {
  const known = parameters.get('openid') ?? localStorage.getItem('openid')
  if (known && !anew) return known
  const device = Math.min(screen.width, screen.height) >= 600 ? 'tablet' : 'phone'
  return (await ask('POST', 'users', { device })).openid
}

async function choose(account) {
  epoch += 1
  appId = account
  seen = 0
  find('account').textContent = appId
  find('conversation').replaceChildren()
  find('show-code').hidden = true
  lastWords = ''
  setFollowing(localStorage.getItem(`following ${appId} ${openid}`) === '1')
  void read(epoch)
}

async function start(anew = false) {
  await attempt(async () => {
    const { accounts } = await ask('GET', 'accounts')
    openid = await identify(anew)
    localStorage.setItem('openid', openid)
    // pages that ask who their user is are opened by this browser as WeChat's own would
    document.cookie = `openid=${openid}; path=/; SameSite=Lax`
    const options = accounts.map((one) => new Option(one.appId, one.appId))
    find('accounts').replaceChildren(...options)
    find('accounts').hidden = accounts.length < 2
    find('scene').value = parameters.get('scene') ?? ''
    await choose(parameters.get('appId') ?? accounts[0].appId)
  })
}

find('accounts').onchange = (event) => choose(event.target.value)
find('leave').onclick = () => {
  // a wet finger at the wrong place must not end the reservation's messages
  if (!confirm('取消关注后收不到消息。确定？\nWithout following you get no messages. Sure?')) return
  void attempt(async () => {
    await act('unsubscribe')
    setFollowing(false)
  })
}
find('follow').onsubmit = (event) => {
  event.preventDefault()
  const scene = find('scene').value.trim()
  void attempt(async () => {
    if (/^https?:/.test(scene)) await ask('POST', `users/${openid}/scan`, { url: scene })
    else await act('subscribe', scene ? { scene } : {})
    setFollowing(true)
  })
}
find('say').onsubmit = (event) => {
  event.preventDefault()
  const content = find('text').value.trim()
  if (!content) return
  void attempt(async () => {
    await act('text', { content })
    find('text').value = ''
  })
}
find('place').onclick = () => place((chosen) => act('location', chosen))
find('show-code').onclick = () => showCode(lastCode, lastWords)
await ensureChineseFont()
void start()
