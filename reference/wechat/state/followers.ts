import type { RandomInteger } from '../../domain/unlock-code.js'
import type { ApiRefusal } from '../api/api-error.js'
import { randomText } from '../random-text.js'
import { Conversation, type ConversationMessage } from './conversation.js'
import type { Journal } from './journal.js'
import { renewWindow, takeFromWindow, type Contact, type MessageWindow } from './message-window.js'
import { StoredMap } from './stored-map.js'

export type Device = 'phone' | 'tablet'

/** What is kept of one user seen from one account. */
interface Following {
  subscribed: boolean
  /** Business time, ms, of the last subscription; 0 before the first. */
  subscribedAt: number
  /** By which scene code the user came. */
  scene?: string
  window: MessageWindow
  /** The user turned the account's template messages off. */
  templatesBlocked?: boolean
  /** Subscription messages that the user has allowed and that were not sent yet, by template. */
  grants?: Record<string, number>
}

/** One user seen from one account. */
export class Follower {
  constructor(
    readonly openid: string,
    readonly appId: string,
    private readonly following: Following,
    readonly conversation: Conversation,
    private readonly keep: () => void,
  ) {}

  get subscribed(): boolean {
    return this.following.subscribed
  }
  get subscribedAt(): number {
    return this.following.subscribedAt
  }
  get scene(): string | undefined {
    return this.following.scene
  }
  get templatesBlocked(): boolean {
    return this.following.templatesBlocked === true
  }

  subscribe(nowMs: number, scene: string | undefined): void {
    const { following } = this
    following.subscribed = true
    following.subscribedAt = nowMs
    if (scene === undefined) delete following.scene
    else following.scene = scene
    this.contact('subscribe', nowMs)
  }

  /** Ends every allowance to write to the user, too. */
  unsubscribe(): void {
    Object.assign(this.following, { subscribed: false, window: {}, grants: {} })
    this.keep()
  }

  /** The user turned to the account. */
  contact(contact: Contact, nowMs: number): void {
    renewWindow(this.following.window, contact, nowMs)
    this.keep()
  }

  /** Takes one customer-service message from what the account may send. */
  takeMessage(nowMs: number): 'taken' | ApiRefusal {
    const taken = takeFromWindow(this.following.window, nowMs)
    this.keep()
    return taken
  }

  blockTemplates(blocked: boolean): void {
    this.following.templatesBlocked = blocked
    this.keep()
  }

  /** The user's answer to "may this account send you …?"; a yes is good for one message. */
  grant(templateId: string, accepted: boolean): void {
    const grants = (this.following.grants ??= {})
    grants[templateId] = accepted ? (grants[templateId] ?? 0) + 1 : 0
    this.keep()
  }

  /** @returns false when the user has not allowed another one */
  takeGrant(templateId: string): boolean {
    const left = this.following.grants?.[templateId] ?? 0
    if (left === 0 || !this.following.grants) return false
    this.following.grants[templateId] = left - 1
    this.keep()
    return true
  }
}

/** The users, and what each has with each account. A user has the same openid towards all accounts here. */
export class Followers {
  readonly #users: StoredMap<{ readonly device: Device }>
  readonly #followings: StoredMap<Following>
  readonly #followers = new Map<string, Follower>()
  /** What the store had: used up as followers are looked at. */
  readonly #said = new Map<string, ConversationMessage[]>()

  constructor(
    private readonly journal: Journal,
    private readonly random: RandomInteger,
  ) {
    this.#users = new StoredMap(journal, 'user')
    this.#followings = new StoredMap(journal, 'following')
    for (const [key, message] of journal.take('message') as Map<string, ConversationMessage>) {
      const follower = key.slice(0, key.lastIndexOf(' '))
      const said = this.#said.get(follower) ?? []
      said[message.seq - 1] = message
      this.#said.set(follower, said)
    }
  }

  /** A new user. @returns openid: 28 characters, as the platform's are */
  addUser(device: Device): string {
    const openid = `o${randomText(27, this.random)}`
    this.#users.set(openid, { device })
    return openid
  }

  deviceOf(openid: string): Device | undefined {
    return this.#users.get(openid)?.device
  }

  of(openid: string, appId: string): Follower | undefined {
    if (!this.#users.get(openid)) return undefined
    const key = `${appId} ${openid}`
    let follower = this.#followers.get(key)
    if (!follower) {
      const following = this.#followings.get(key) ?? { subscribed: false, subscribedAt: 0, window: {} }
      const conversation = new Conversation(this.#said.get(key) ?? [], (message) =>
        this.journal.put('message', `${key} ${message.seq}`, message),
      )
      this.#said.delete(key)
      follower = new Follower(openid, appId, following, conversation, () =>
        this.#followings.set(key, following),
      )
      this.#followers.set(key, follower)
    }
    return follower
  }

  /** Openids of an account's subscribers, in the order in which they are listed. */
  subscribers(appId: string): string[] {
    const openids: string[] = []
    for (const [key, { subscribed }] of this.#followings.entries()) {
      if (subscribed && key.startsWith(`${appId} `)) openids.push(key.slice(appId.length + 1))
    }
    return openids.sort()
  }
}
