import type { RandomInteger } from '../domain/unlock-code.js'
import { Conversation } from './conversation.js'
import { MessageWindow } from './message-window.js'
import { randomText } from './random-text.js'

export type Device = 'phone' | 'tablet'

/** One user seen from one account. */
export interface Follower {
  readonly openid: string
  readonly appId: string
  subscribed: boolean
  readonly conversation: Conversation
  readonly window: MessageWindow
}

/** The users, and what each has with each account. A user has the same openid towards all accounts here. */
export class Followers {
  readonly #devices = new Map<string, Device>()
  readonly #followers = new Map<string, Follower>()

  constructor(private readonly random: RandomInteger) {}

  /** A new user. @returns openid: 28 characters, as the platform's are */
  addUser(device: Device): string {
    const openid = `o${randomText(27, this.random)}`
    this.#devices.set(openid, device)
    return openid
  }

  deviceOf(openid: string): Device | undefined {
    return this.#devices.get(openid)
  }

  of(openid: string, appId: string): Follower | undefined {
    if (!this.#devices.has(openid)) return undefined
    const key = `${appId} ${openid}`
    let follower = this.#followers.get(key)
    if (!follower) {
      follower = {
        openid,
        appId,
        subscribed: false,
        conversation: new Conversation(),
        window: new MessageWindow(),
      }
      this.#followers.set(key, follower)
    }
    return follower
  }
}
