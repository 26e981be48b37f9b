import type { Symbology } from '../domain/unlock-code.js'

/** What a user's text asks for. */
export type UserCommand =
  | { readonly kind: 'reserve' | 'state'; readonly bay: string }
  | { readonly kind: 'find' | 'own-state' | 'my-code' | 'cancel' | 'help' }
  | { readonly kind: 'symbology'; readonly symbology: Symbology }
  /** Perhaps a place. */
  | { readonly kind: 'place'; readonly text: string }

/** A bay's name has a digit; without one "reserve Guomao" is about a place. */
const BAY = /^(?=.*\d)[A-Za-z0-9_-]{1,64}$/

const WORDS: readonly (readonly [RegExp, UserCommand])[] = [
  [/^(找车位|查找|预约|预订|find|find parking|reserve|book)$/i, { kind: 'find' }],
  [/^(我的码|开锁码|my code)$/i, { kind: 'my-code' }],
  [/^(取消|取消预约|cancel)$/i, { kind: 'cancel' }],
  [/^(条形码|条码|barcode)$/i, { kind: 'symbology', symbology: 'code128' }],
  [/^(二维码|qr ?code|qr)$/i, { kind: 'symbology', symbology: 'qr' }],
  [/^(状态|state|status)$/i, { kind: 'own-state' }],
  [/^(帮助|help|\?)$/i, { kind: 'help' }],
]

export function readUserCommand(raw: string): UserCommand {
  // phones type full-width letters, digits and question marks
  const text = raw.normalize('NFKC').trim().replace(/\s+/g, ' ')
  const word = WORDS.find(([pattern]) => pattern.test(text))
  if (word) return word[1]
  const state = /^(?:状态|state |status )\s*(.+)$/i.exec(text)?.[1]
  if (state !== undefined && BAY.test(state)) return { kind: 'state', bay: state }
  const wanted = /^(?:预约|预订|reserve |book )\s*(.+)$/i.exec(text)?.[1]
  if (wanted === undefined) return { kind: 'place', text }
  return BAY.test(wanted) ? { kind: 'reserve', bay: wanted } : { kind: 'place', text: wanted }
}
