/** Addresses that may be opened or shown; everything else in a message is only text. */
const isWeb = (url) => /^https?:\/\//.test(url ?? '')

function element(name, className, text) {
  const made = document.createElement(name)
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

function card({ text = '', title, url, picUrl }) {
  const made = element(isWeb(url) ? 'a' : 'div', 'message card')
  const [head, ...rest] = title === undefined ? text.split('\n') : [title, text]
  made.append(element('strong', '', head), rest.join('\n').trim())
  if (isWeb(url)) Object.assign(made, { href: url, target: '_blank', rel: 'noopener' })
  if (isWeb(picUrl))
    made.append(Object.assign(document.createElement('img'), { src: picUrl, alt: '', width: 240 }))
  return made
}

function picture({ mediaId }, openPicture) {
  const source = `media/${mediaId}`
  const made = element('button', 'message picture')
  made.type = 'button'
  made.append(Object.assign(document.createElement('img'), { src: source, alt: '图片 Picture' }))
  made.onclick = () => openPicture(source)
  return made
}

function menu({ text = '', choices = [] }, choose) {
  const made = element('div', 'message', text)
  const list = element('div', 'choices')
  for (const choice of choices) {
    const button = element('button', '', choice.text)
    button.type = 'button'
    button.onclick = () => choose(choice.id)
    list.append(button)
  }
  made.append(list)
  return made
}

const FILES = { voice: '语音 Voice', video: '视频 Video', music: '音乐 Music' }

/** What a person sees of a message. */
export function messageElement(message, { openPicture, choose }) {
  const { kind, from, text = '' } = message
  let made
  if (kind === 'image') made = picture(message, openPicture)
  else if (kind === 'menu') made = menu(message, choose)
  else if (kind === 'news' || kind === 'template' || kind === 'link') made = card(message)
  else if (kind === 'location') made = element('div', 'message', `位置 Place: ${text}`)
  else made = element('div', 'message', FILES[kind] ? `${FILES[kind]} ${text}` : text)
  if (from === 'user') made.classList.add('user')
  if (kind === 'notice') made.classList.add('notice')
  return made
}
