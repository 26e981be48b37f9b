import type { PhoneMessage } from '../../../reference/contracts/phone-api.js'
import type { PhoneLine } from '../../bench/people/phone-line.js'
import { readPicture } from '../../bench/stage/pictures.js'
import { VEHICLE } from './cluster-settings.js'

/** How a user's request came out. */
export type Heard =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing was done, and the user was told so. */
  | { readonly kind: 'again'; readonly reason: string }
  | { readonly kind: 'reserved' | 'not-yet' | 'silence' }

/** What the account, or WeChat for it, says, and what it means to a user who wants a code. */
const MEANINGS: readonly (readonly [RegExp, (text: string) => Heard | undefined])[] = [
  [/已为您预约|已确认预约/, () => ({ kind: 'reserved' })],
  [/^您已预约车位/, () => ({ kind: 'reserved' })],
  [/现在不能预约/, () => ({ kind: 'refused', reason: 'bay-taken' })],
  [/车锁拒绝了/, (text) => ({ kind: 'refused', reason: text })],
  [/的预约已取消|预约已过期/, (text) => ({ kind: 'refused', reason: text })],
  [/开锁码还没有生成/, () => ({ kind: 'not-yet' })],
  [/没有办成|没有响应/, () => ({ kind: 'again', reason: 'trouble' })],
]

/** A user with a phone, who goes by what it says. */
export class ClusterUser {
  #after = 0
  readonly heard: PhoneMessage[] = []

  private constructor(
    private readonly phones: PhoneLine,
    readonly openid: string,
  ) {}

  static async create(phones: PhoneLine, withCar = false): Promise<ClusterUser> {
    const user = new ClusterUser(phones, await phones.newUser('phone'))
    await phones.follow(user.openid, withCar ? VEHICLE : undefined)
    return user
  }

  async writes(text: string): Promise<void> {
    await this.phones.text(this.openid, text)
  }

  /** Resolves when WeChat has an answer to everything that was written, or has given up. */
  async isAnswered(): Promise<void> {
    await this.phones.settled()
  }

  /** What was said so far is no answer to what comes. */
  forget(): void {
    this.heard.length = 0
  }

  /** The next message that says something, or silence. */
  async hears(deadlineMs: number): Promise<Heard> {
    const deadline = performance.now() + deadlineMs
    for (let left = deadlineMs; left > 0; left = deadline - performance.now()) {
      const { messages } = await this.phones.conversation(this.openid, this.#after, Math.ceil(left))
      for (const message of messages) {
        this.#after = message.seq
        if (message.from !== 'account' && message.kind !== 'notice') continue
        this.heard.push(message)
        const meaning = await this.#meaning(message)
        if (meaning) return meaning
      }
    }
    return { kind: 'silence' }
  }

  /** Waits for a message with such a text. @returns whether it came */
  async hearsText(words: RegExp, deadlineMs: number): Promise<boolean> {
    if (this.heard.some(({ text }) => words.test(text ?? ''))) return true
    const deadline = performance.now() + deadlineMs
    for (let left = deadlineMs; left > 0; left = deadline - performance.now()) {
      const { messages } = await this.phones.conversation(this.openid, this.#after, Math.ceil(left))
      for (const message of messages) {
        this.#after = message.seq
        this.heard.push(message)
        if (words.test(message.text ?? '')) return true
      }
    }
    return false
  }

  async #meaning(message: PhoneMessage): Promise<Heard | undefined> {
    if (message.kind === 'image') {
      const decoded = await readPicture(await this.phones.picture(message.mediaId ?? ''))
      return decoded && { kind: 'code', code: decoded.text }
    }
    if (message.kind === 'notice') return { kind: 'again', reason: 'account-unavailable' }
    const text = message.title ?? message.text ?? ''
    for (const [words, mean] of MEANINGS) if (words.test(text)) return mean(text)
    return undefined
  }
}
