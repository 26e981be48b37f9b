import type { PhoneMessage } from '../../../reference/contracts/phone-api.js'
import type { PhoneLine } from './phone-line.js'
import { ProductFault } from '../../../reference/ports/faults.js'

/** The account did not tell the user what the scenario expects. */
export class NotHeard extends ProductFault {
  override readonly name = 'NotHeard'
}

/** A person with a phone or a tablet, and with a car. */
export class Driver {
  /** Everything before this message belongs to an earlier request. */
  #since = 0
  #code: Buffer | undefined

  private constructor(
    private readonly line: PhoneLine,
    readonly openid: string,
    readonly device: 'phone' | 'tablet',
  ) {}

  static async create(line: PhoneLine, device: 'phone' | 'tablet'): Promise<Driver> {
    return new Driver(line, await line.newUser(device), device)
  }

  /** Follows the account; with a vehicle's scene by scanning the code that the car shows. */
  async follow(vehicleScene?: string): Promise<void> {
    await this.line.follow(this.openid, vehicleScene)
    await this.hears('a welcome', () => true)
  }

  async writes(content: string): Promise<void> {
    await this.startRequest()
    await this.line.text(this.openid, content)
  }

  /** Taps the button of the account's menu that has this in its name. */
  async taps(name: string): Promise<void> {
    await this.startRequest()
    await this.line.tapMenu(this.openid, name)
  }

  /** @param place GCJ-02, as the map on the phone gives it */
  async sendsLocation(place: { latitude: number; longitude: number }, label: string): Promise<void> {
    await this.startRequest()
    await this.line.location(this.openid, place, label)
  }

  /**
   * The first message from the account, since the driver last asked, that matches.
   * @param what named in the error
   * @throws NotHeard after `deadlineMs`, with what the account said instead
   */
  async hears(
    what: string,
    matches: (message: PhoneMessage) => boolean,
    deadlineMs = 10_000,
  ): Promise<PhoneMessage> {
    const deadline = performance.now() + deadlineMs
    let after = this.#since
    const heard: string[] = []
    for (;;) {
      const remaining = deadline - performance.now()
      if (remaining <= 0) {
        throw new NotHeard(`the account did not send ${what}; it said: ${heard.join(' | ') || 'nothing'}`)
      }
      const { messages } = await this.line.conversation(this.openid, after, Math.ceil(remaining))
      for (const message of messages) {
        after = Math.max(after, message.seq)
        if (message.from !== 'account') continue
        if (matches(message)) return message
        heard.push(message.text ?? message.kind)
      }
    }
  }

  /** The picture of the code that the account sends in answer to the last request; the driver keeps it. */
  async receivesCode(): Promise<Buffer> {
    const message = await this.hears('an unlock code', ({ kind }) => kind === 'image')
    this.#code = await this.line.picture(message.mediaId ?? '')
    return this.#code
  }

  /** The picture of the last code that the driver was sent. */
  async codePicture(): Promise<Buffer> {
    return this.#code ?? this.receivesCode()
  }

  conversation() {
    return this.line.conversation(this.openid)
  }

  picture(mediaId: string): Promise<Buffer> {
    return this.line.picture(mediaId)
  }

  private async startRequest(): Promise<void> {
    const { messages } = await this.line.conversation(this.openid)
    this.#since = messages.at(-1)?.seq ?? 0
  }
}
