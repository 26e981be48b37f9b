import type { PhoneMessage } from '../../reference/contracts/phone-api.js'

/** What the account, or WeChat for it, has told a user. */
export type Said =
  | { readonly what: 'reserved' | 'accepted'; readonly bay: string }
  | { readonly what: 'unlocked' | 'parked' | 'completed' | 'cancelled' | 'nothing-reserved' }
  | { readonly what: 'code'; readonly mediaId: string }
  /** The answer to a wish: no, and why. */
  | { readonly what: 'refused'; readonly reason: string }
  /** An answer that is no end: it comes later. */
  | { readonly what: 'wait' }

/**
 * The words of the account, in Chinese, as the features of the suite expect them too: an account of your own that says
 * the same in these words is understood.
 */
const WORDS: readonly (readonly [RegExp, (found: RegExpExecArray) => Said])[] = [
  [/已为您预约车位 ?([\w-]+)/, ([, bay = '']) => ({ what: 'reserved', bay })],
  [/^您已预约车位 ?([\w-]+)/, () => ({ what: 'refused', reason: 'already-reserved' })],
  [/车位 ?([\w-]+) ?的车锁已确认预约/, ([, bay = '']) => ({ what: 'accepted', bay })],
  [/已开锁/, () => ({ what: 'unlocked' })],
  [/已停入/, () => ({ what: 'parked' })],
  [/已驶离/, () => ({ what: 'completed' })],
  [/的预约已取消/, () => ({ what: 'cancelled' })],
  [/没有预约/, () => ({ what: 'nothing-reserved' })],
  [/现在不能预约/, () => ({ what: 'refused', reason: 'bay-taken' })],
  [/没有(符合条件的)?空车位/, () => ({ what: 'refused', reason: 'no-space' })],
  [/刚刚都被预约/, () => ({ what: 'refused', reason: 'taken-everywhere' })],
  [/车锁拒绝了/, () => ({ what: 'refused', reason: 'refused-by-lock' })],
  [/预约已过期/, () => ({ what: 'refused', reason: 'expired' })],
  [/没有车位/, () => ({ what: 'refused', reason: 'bay-unknown' })],
  [/没有办成|没有响应/, () => ({ what: 'refused', reason: 'platform-silent' })],
  [/正在办理|还没有生成|正在发送/, () => ({ what: 'wait' })],
]

/** What a message means to a user; undefined when it is nothing of a journey, such as a greeting. */
export function understand(message: PhoneMessage): Said | undefined {
  if (message.kind === 'notice') return { what: 'refused', reason: 'account-unavailable' }
  if (message.from !== 'account') return undefined
  if (message.kind === 'image') return { what: 'code', mediaId: message.mediaId ?? '' }
  const text = `${message.title ?? ''}${message.title === undefined ? (message.text ?? '') : ''}`
  for (const [words, mean] of WORDS) {
    const found = words.exec(text)
    if (found) return mean(found)
  }
  return undefined
}
