import type { PhoneLine } from '../bench/people/phone-line.js'
import { understand, type Said } from './account-words.js'

/** One thing that the account said. */
export interface Heard {
  readonly said: Said
  /** When the phone had it, milliseconds of `performance.now()`. */
  readonly at: number
}

interface Waiter {
  readonly fits: (said: Said) => boolean
  readonly resolve: (heard: Heard | undefined) => void
  readonly timer: NodeJS.Timeout
}

/** A phone asks again after so long without news, wall milliseconds. */
const POLL_MS = 10_000

/** A user's phone, over the phone's own API: it writes, and hears everything that the account says. */
export class PlayedPhone {
  #after = 0
  #untaken: Heard[] = []
  readonly #waiters = new Set<Waiter>()
  #listening = false
  #failure: unknown

  private constructor(
    private readonly line: PhoneLine,
    readonly openid: string,
    readonly vehicleId: string | undefined,
  ) {}

  /** A new user, who follows the account; by a car's scene code where there is a car. @throws PhoneRefused */
  static async join(line: PhoneLine, vehicleId?: string): Promise<PlayedPhone> {
    const phone = new PlayedPhone(line, await line.newUser('phone'), vehicleId)
    await line.follow(phone.openid, vehicleId)
    return phone
  }

  /** Why nothing is heard any more, if so. */
  get failure(): unknown {
    return this.#failure
  }

  /** A journey begins: what was said before is no answer to it. @throws PhoneRefused */
  async begin(): Promise<void> {
    const { messages } = await this.line.conversation(this.openid, this.#after)
    this.#after = messages.at(-1)?.seq ?? this.#after
    this.#untaken = []
    this.#listening = true
    void this.#listen()
  }

  /** The journey is over: nobody looks at the phone any more. */
  end(): void {
    this.#listening = false
    for (const waiter of [...this.#waiters]) this.#settle(waiter, undefined)
  }

  /** @throws PhoneRefused */
  async writes(text: string): Promise<void> {
    await this.line.text(this.openid, text)
  }

  /** @param place GCJ-02, as the phone's map gives it @throws PhoneRefused */
  async sends(place: { latitude: number; longitude: number }, label: string): Promise<void> {
    await this.line.location(this.openid, place, label)
  }

  /** The oldest that fits and was not taken before; undefined when `deadlineMs` of wall time pass without it. */
  hears(fits: (said: Said) => boolean, deadlineMs: number): Promise<Heard | undefined> {
    const found = this.#untaken.findIndex(({ said }) => fits(said))
    if (found >= 0) return Promise.resolve(this.#untaken.splice(found, 1)[0])
    if (!this.#listening || this.#failure !== undefined) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(waiter, undefined), Math.max(0, deadlineMs))
      const waiter: Waiter = { fits, resolve, timer }
      this.#waiters.add(waiter)
    })
  }

  /** @throws PhoneRefused */
  picture(mediaId: string): Promise<Buffer> {
    return this.line.picture(mediaId)
  }

  async #listen(): Promise<void> {
    try {
      while (this.#listening) {
        const { messages } = await this.line.conversation(this.openid, this.#after, POLL_MS)
        const at = performance.now()
        for (const message of messages) {
          this.#after = Math.max(this.#after, message.seq)
          const said = understand(message)
          if (said) this.#take({ said, at })
        }
      }
    } catch (error) {
      this.#failure = error
      for (const waiter of [...this.#waiters]) this.#settle(waiter, undefined)
    }
  }

  #take(heard: Heard): void {
    for (const waiter of this.#waiters) {
      if (waiter.fits(heard.said)) return this.#settle(waiter, heard)
    }
    this.#untaken.push(heard)
  }

  #settle(waiter: Waiter, heard: Heard | undefined): void {
    clearTimeout(waiter.timer)
    this.#waiters.delete(waiter)
    waiter.resolve(heard)
  }
}
