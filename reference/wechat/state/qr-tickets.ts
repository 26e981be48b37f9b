import type { RandomInteger } from '../../domain/unlock-code.js'
import type { Clock } from '../../ports/clock.js'
import { fieldOf } from '../api/json-field.js'
import type { ApiRefusal } from '../api/api-error.js'
import { randomText } from '../random-text.js'
import type { Journal } from './journal.js'
import { StoredMap } from './stored-map.js'

const DEFAULT_LIFE_SECONDS = 60
const MAX_LIFE_SECONDS = 2_592_000

export interface QrTicket {
  readonly ticket: string
  readonly appId: string
  readonly scene: string
  /** What the picture of the code holds. */
  readonly url: string
  /** Business time; codes of the LIMIT kinds have no end. */
  readonly expiresAt?: number
}

/** The scene that `action_info` asks for, as text; numbers for QR_SCENE, text of 1 to 64 for the STR kinds. */
function sceneOf(action: unknown, info: unknown): string | undefined {
  const scene = fieldOf(info, 'scene')
  if (action === 'QR_SCENE' || action === 'QR_LIMIT_SCENE') {
    const id = fieldOf(scene, 'scene_id')
    const highest = action === 'QR_SCENE' ? 0xffff_ffff : 100_000
    return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= highest ? String(id) : undefined
  }
  if (action === 'QR_STR_SCENE' || action === 'QR_LIMIT_STR_SCENE') {
    const text = fieldOf(scene, 'scene_str')
    return typeof text === 'string' && text.length >= 1 && text.length <= 64 ? text : undefined
  }
  return undefined
}

/** Codes with a scene: who scans one follows the account and tells it the scene. */
export class QrTickets {
  readonly #tickets: StoredMap<QrTicket>

  constructor(
    journal: Journal,
    private readonly clock: Clock,
    private readonly random: RandomInteger,
  ) {
    this.#tickets = new StoredMap(journal, 'qr-ticket')
  }

  create(appId: string, request: unknown): QrTicket | ApiRefusal {
    const action = fieldOf(request, 'action_name')
    const scene = sceneOf(action, fieldOf(request, 'action_info'))
    if (scene === undefined) return { errcode: 40053 }
    if (action === 'QR_LIMIT_SCENE' || action === 'QR_LIMIT_STR_SCENE') return this.#add(appId, scene)
    const asked = fieldOf(request, 'expire_seconds') ?? DEFAULT_LIFE_SECONDS
    if (typeof asked !== 'number' || !Number.isInteger(asked) || asked < 1) return { errcode: 40052 }
    return this.#add(appId, scene, this.clock.now() + Math.min(asked, MAX_LIFE_SECONDS) * 1000)
  }

  get(ticket: unknown): QrTicket | undefined {
    const found = typeof ticket === 'string' ? this.#tickets.get(ticket) : undefined
    return found && !this.#isOver(found) ? found : undefined
  }

  /** The code whose picture holds this address: what a camera saw. */
  byUrl(url: string): QrTicket | undefined {
    return this.#find((ticket) => ticket.url === url)
  }

  /** The code that a phone scanned: one that the account made, else a new one, as if printed long ago. */
  scanned(appId: string, scene: string): QrTicket {
    return this.#find((ticket) => ticket.appId === appId && ticket.scene === scene) ?? this.#add(appId, scene)
  }

  #find(matches: (ticket: QrTicket) => boolean): QrTicket | undefined {
    for (const ticket of this.#tickets.values()) if (matches(ticket) && !this.#isOver(ticket)) return ticket
    return undefined
  }

  #isOver({ expiresAt }: QrTicket): boolean {
    return expiresAt !== undefined && this.clock.now() >= expiresAt
  }

  #add(appId: string, scene: string, expiresAt?: number): QrTicket {
    const ticket: QrTicket = {
      ticket: `g${randomText(95, this.random)}`,
      appId,
      scene,
      url: `http://weixin.qq.com/q/${randomText(22, this.random)}`,
      ...(expiresAt !== undefined && { expiresAt }),
    }
    this.#tickets.set(ticket.ticket, ticket)
    return ticket
  }
}
