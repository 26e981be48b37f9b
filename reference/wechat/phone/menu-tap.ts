import { messageCheck } from '../../contracts/contract.js'
import type * as api from '../../contracts/phone-api.js'
import type { MenuButton } from '../api/menu-check.js'
import { placeFor, push, type PhoneTurn } from './phone-actions.js'
import { PhoneRefusal } from './phone-refusal.js'

const checkTap = messageCheck<api.MenuTap>('phone.openapi', 'MenuTap')

/** Only these taps let the account write to the user: a link and a map do not. */
const OPENS_WINDOW: ReadonlySet<string> = new Set(['click', 'scancode_push', 'scancode_waitmsg'])

function buttonAt(buttons: readonly MenuButton[] | undefined, path: readonly number[]): MenuButton {
  const [first, ...below] = path
  const button = buttons?.[first ?? -1]
  if (!button) throw new PhoneRefusal(404, 'button-unknown', 'the menu has no button there')
  return below.length === 0 ? button : buttonAt(button.sub_button, below)
}

/** A tap on a button of the account's menu. @returns the address that opens, for a `view` button */
export function tapMenu(turn: PhoneTurn, body: unknown): { readonly url: string } | undefined {
  const { path, result, place } = checkTap(body)
  const { follower, state, account, nowMs } = turn
  const button = buttonAt(state.menus.get(account.appId)?.button, path)
  const { type, key = '', url = '' } = button
  if (type === undefined) throw new PhoneRefusal(409, 'button-opens', 'this button only opens those below it')
  if (OPENS_WINDOW.has(type)) follower.contact('menu', nowMs)
  switch (type) {
    case 'click':
      push(turn, { kind: 'click', key })
      return undefined
    case 'view':
      push(turn, { kind: 'view', key: url })
      return { url }
    case 'scancode_push':
    case 'scancode_waitmsg':
      if (result === undefined) {
        throw new PhoneRefusal(
          400,
          'request-invalid',
          'this button opens the scanner: say what it reads (result)',
        )
      }
      push(turn, { kind: type, key, result })
      return undefined
    case 'location_select': {
      if (place === undefined) {
        throw new PhoneRefusal(400, 'request-invalid', 'this button opens the map: say which place (place)')
      }
      const { label, name = '', scale = 16, ...position } = place
      // the map's answer is a menu event, and a location message besides
      push(turn, { kind: 'location_select', key, place: { ...placeFor(turn, position), scale, label, name } })
      follower.contact('message', nowMs)
      follower.conversation.add({ from: 'user', kind: 'location', text: label }, nowMs)
      push(turn, { kind: 'location', ...placeFor(turn, position), scale, label })
      return undefined
    }
    default:
      throw new PhoneRefusal(
        409,
        'button-not-played',
        `the mock's phones cannot do what a ${type} button does`,
      )
  }
}
