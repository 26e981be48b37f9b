import type { ApiRefusal } from './api-error.js'
import { fieldOf, isText } from './json-field.js'

/** A button of an account's menu, as it was created. */
export interface MenuButton {
  readonly name: string
  readonly type?: string
  readonly key?: string
  readonly url?: string
  readonly sub_button?: readonly MenuButton[]
}

const MAX_BUTTONS = 3
const MAX_SUB_BUTTONS = 5
const MAX_NAME_BYTES = 16
const MAX_SUB_NAME_BYTES = 60
const MAX_KEY_BYTES = 128
const MAX_URL_BYTES = 1024

/** What the buttons of each type must say. */
const BUTTON_FIELDS: ReadonlyMap<
  unknown,
  readonly ('key' | 'url' | 'media_id' | 'article_id' | 'appid' | 'pagepath')[]
> = new Map([
  ['click', ['key']],
  ['view', ['url']],
  ['scancode_push', ['key']],
  ['scancode_waitmsg', ['key']],
  ['pic_sysphoto', ['key']],
  ['pic_photo_or_album', ['key']],
  ['pic_weixin', ['key']],
  ['location_select', ['key']],
  ['media_id', ['media_id']],
  ['view_limited', ['media_id']],
  ['article_id', ['article_id']],
  ['article_view_limited', ['article_id']],
  ['miniprogram', ['url', 'appid', 'pagepath']],
])

const fits = (value: unknown, maxBytes: number) => isText(value) && Buffer.byteLength(value) <= maxBytes

function checkButton(button: unknown, below: boolean): ApiRefusal | undefined {
  if (!fits(fieldOf(button, 'name'), below ? MAX_SUB_NAME_BYTES : MAX_NAME_BYTES)) {
    return { errcode: below ? 40025 : 40018 }
  }
  const children = fieldOf(button, 'sub_button')
  if (!below && Array.isArray(children) && children.length > 0) {
    if (children.length > MAX_SUB_BUTTONS) return { errcode: 40023 }
    return children.map((child) => checkButton(child, true)).find((refusal) => refusal)
  }
  const needed = BUTTON_FIELDS.get(fieldOf(button, 'type'))
  if (!needed) return { errcode: below ? 40024 : 40017 }
  for (const name of needed) {
    const value = fieldOf(button, name)
    if (name === 'key' && !fits(value, MAX_KEY_BYTES)) return { errcode: below ? 40026 : 40019 }
    if (name === 'url' && !(fits(value, MAX_URL_BYTES) && /^https?:\/\//.test(String(value)))) {
      return { errcode: below ? 40027 : 40020 }
    }
    if (!isText(value)) return { errcode: name === 'media_id' ? 40007 : 47001 }
  }
  return undefined
}

/** The buttons of a menu that an account asks for: at most 3, with at most 5 below each. */
export function readMenu(request: object): { readonly button: readonly MenuButton[] } | ApiRefusal {
  const button = fieldOf(request, 'button')
  if (!Array.isArray(button) || button.length === 0 || button.length > MAX_BUTTONS) return { errcode: 40016 }
  const refusal = button.map((one) => checkButton(one, false)).find((one) => one)
  return refusal ?? { button: button as MenuButton[] }
}
