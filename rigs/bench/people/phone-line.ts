/** The WeChat side of a phone, over the phone API (`reference/contracts/phone.openapi.yaml`). */

export interface ConversationMessage {
  readonly seq: number
  readonly from: 'user' | 'account'
  readonly kind: string
  readonly text?: string
  readonly mediaId?: string
  readonly at: string
}

export interface Conversation {
  readonly device: 'phone' | 'tablet'
  readonly messages: readonly ConversationMessage[]
}

/** The WeChat platform did not do what a phone asked of it. */
export class PhoneRefused extends Error {
  override readonly name = 'PhoneRefused'
}

export class PhoneLine {
  constructor(
    private readonly baseUrl: string,
    private readonly appId: string,
  ) {}

  async newUser(device: 'phone' | 'tablet'): Promise<string> {
    const { openid } = (await this.post('/phone/users', { device })) as { openid: string }
    return openid
  }

  follow(openid: string, scene?: string): Promise<unknown> {
    return this.post(`/phone/users/${openid}/subscribe`, { appId: this.appId, ...(scene && { scene }) })
  }

  text(openid: string, content: string): Promise<unknown> {
    return this.post(`/phone/users/${openid}/text`, { appId: this.appId, content })
  }

  /** @param place as WeChat's map gives it: GCJ-02 degrees */
  location(openid: string, place: { latitude: number; longitude: number }, label: string): Promise<unknown> {
    const { latitude, longitude } = place
    return this.post(`/phone/users/${openid}/location`, { appId: this.appId, latitude, longitude, label })
  }

  /** Messages after `after`; waits up to `waitMs` for the first of them. */
  async conversation(openid: string, after = 0, waitMs = 0): Promise<Conversation> {
    const query = new URLSearchParams({ appId: this.appId, after: String(after), waitMs: String(waitMs) })
    const answer = await fetch(`${this.baseUrl}/phone/users/${openid}/conversation?${query}`)
    if (!answer.ok) throw new PhoneRefused(`the conversation cannot be read: HTTP ${answer.status}`)
    return (await answer.json()) as Conversation
  }

  async picture(mediaId: string): Promise<Buffer> {
    const answer = await fetch(`${this.baseUrl}/phone/media/${encodeURIComponent(mediaId)}`)
    if (!answer.ok) throw new PhoneRefused(`the picture cannot be read: HTTP ${answer.status}`)
    return Buffer.from(await answer.arrayBuffer())
  }

  /** Makes WeChat deliver every push `deliveries` times, as it does when answers are lost. */
  repeatDeliveries(deliveries: number): Promise<unknown> {
    return this.post('/phone/faults', { repeatDeliveries: deliveries })
  }

  private async post(path: string, body: object): Promise<unknown> {
    const answer = await fetch(this.baseUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new PhoneRefused(`POST ${path.split('/').at(-1)}: HTTP ${answer.status}`)
    return answer.status === 204 ? undefined : answer.json()
  }
}
