import type { PhoneConversation } from '../../../reference/contracts/phone-api.js'
import { ProductFault, RigFault } from '../../../reference/ports/faults.js'

/** The WeChat platform did not do what a phone asked of it. */
export class PhoneRefused extends RigFault {
  override readonly name = 'PhoneRefused'
}

interface MenuButton {
  readonly name: string
  readonly sub_button?: readonly MenuButton[]
}

/** Where a button stands in a menu. */
function pathTo(buttons: readonly MenuButton[], name: string): number[] | undefined {
  for (const [index, button] of buttons.entries()) {
    const below = pathTo(button.sub_button ?? [], name)
    if (below) return [index, ...below]
    if (button.name.includes(name) && !button.sub_button) return [index]
  }
  return undefined
}

/** WeChat as phones reach it (`phone.openapi.yaml`). */
export class PhoneLine {
  /** @param controlToken opens the fault switches */
  constructor(
    private readonly baseUrl: string,
    private readonly appId: string,
    private readonly controlToken: string,
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
  async conversation(openid: string, after = 0, waitMs = 0): Promise<PhoneConversation> {
    const query = new URLSearchParams({ appId: this.appId, after: String(after), waitMs: String(waitMs) })
    const answer = await fetch(`${this.baseUrl}/phone/users/${openid}/conversation?${query.toString()}`)
    if (!answer.ok) throw new PhoneRefused(`the conversation cannot be read: HTTP ${answer.status}`)
    return (await answer.json()) as PhoneConversation
  }

  async picture(mediaId: string): Promise<Buffer> {
    const answer = await fetch(`${this.baseUrl}/phone/media/${encodeURIComponent(mediaId)}`)
    if (!answer.ok) throw new PhoneRefused(`the picture cannot be read: HTTP ${answer.status}`)
    return Buffer.from(await answer.arrayBuffer())
  }

  /** Whether the account has a menu. */
  async hasMenu(openid: string): Promise<boolean> {
    const { button } = await this.menu(openid)
    return button.length > 0
  }

  /** Taps the button of the account's menu, or of those below one, that has this in its name. */
  async tapMenu(openid: string, name: string): Promise<unknown> {
    const { button } = await this.menu(openid)
    const path = pathTo(button, name)
    if (!path) throw new ProductFault(`the account's menu has no button with ${name}`)
    return this.post(`/phone/users/${openid}/menu`, { appId: this.appId, path })
  }

  /** Ends every token of the account, as another environment that shares it would. */
  revokeTokens(): Promise<unknown> {
    return this.post('/control/tokens/revoke', { appId: this.appId })
  }

  /** Makes WeChat deliver every push `deliveries` times, as it does when answers are lost. */
  repeatDeliveries(deliveries: number): Promise<unknown> {
    return this.ask('PUT', '/control/faults', { repeatDeliveries: deliveries })
  }

  /** Resolves when no push is on its way to the account any more. */
  async settled(): Promise<void> {
    const answer = await fetch(`${this.baseUrl}/phone/settled`)
    if (!answer.ok) throw new PhoneRefused(`pushes do not settle: HTTP ${answer.status}`)
  }

  private async menu(openid: string): Promise<{ readonly button: readonly MenuButton[] }> {
    const query = new URLSearchParams({ appId: this.appId })
    const answer = await fetch(`${this.baseUrl}/phone/users/${openid}/menu?${query.toString()}`)
    if (!answer.ok) throw new PhoneRefused(`the menu cannot be read: HTTP ${answer.status}`)
    return (await answer.json()) as { button: readonly MenuButton[] }
  }

  private post(path: string, body: object): Promise<unknown> {
    return this.ask('POST', path, body)
  }

  private async ask(method: 'POST' | 'PUT', path: string, body: object): Promise<unknown> {
    const answer = await fetch(this.baseUrl + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.controlToken}` },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new PhoneRefused(`${method} ${path.split('/').at(-1)}: HTTP ${answer.status}`)
    return answer.status === 201 ? answer.json() : undefined
  }
}
