import type { RandomInteger } from '../domain/unlock-code.js'
import type { Clock } from '../ports/clock.js'
import type { ApiRefusal } from './api-error.js'
import { randomText } from './random-text.js'

const DEFAULT_LIFE_SECONDS = 60
const MAX_LIFE_SECONDS = 2_592_000

export interface QrTicket {
  readonly ticket: string
  readonly appId: string
  readonly scene: string
  /** What the picture of the code holds. */
  readonly url: string
  /** Business time; codes of the LIMIT kinds have no end. */
  readonly expiresAt: number | undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** The scene that `action_info` asks for, as text; numbers for QR_SCENE, text of 1 to 64 for the STR kinds. */
function sceneOf(action: unknown, info: unknown): string | undefined {
  const scene = field(info, 'scene')
  if (action === 'QR_SCENE' || action === 'QR_LIMIT_SCENE') {
    const id = field(scene, 'scene_id')
    const highest = action === 'QR_SCENE' ? 0xffff_ffff : 100_000
    return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= highest ? String(id) : undefined
  }
  if (action === 'QR_STR_SCENE' || action === 'QR_LIMIT_STR_SCENE') {
    const text = field(scene, 'scene_str')
    return typeof text === 'string' && text.length >= 1 && text.length <= 64 ? text : undefined
  }
  return undefined
}

/** Codes with a scene: who scans one follows the account and tells it the scene. */
export class QrTickets {
  readonly #tickets = new Map<string, QrTicket>()

  constructor(
    private readonly clock: Clock,
    private readonly random: RandomInteger,
  ) {}

  create(appId: string, request: unknown): QrTicket | ApiRefusal {
    const action = field(request, 'action_name')
    const scene = sceneOf(action, field(request, 'action_info'))
    if (scene === undefined) return { errcode: 40053 }
    const asked = field(request, 'expire_seconds')
    const life = typeof asked === 'number' ? Math.min(asked, MAX_LIFE_SECONDS) : DEFAULT_LIFE_SECONDS
    const limited = action === 'QR_LIMIT_SCENE' || action === 'QR_LIMIT_STR_SCENE'
    return this.#add(appId, scene, limited ? undefined : this.clock.now() + life * 1000)
  }

  get(ticket: unknown): QrTicket | undefined {
    if (typeof ticket !== 'string') return undefined
    const found = this.#tickets.get(ticket)
    return found && !this.#isOver(found) ? found : undefined
  }

  /** The code that a phone scanned: one that the account made, else a new one, as if printed long ago. */
  scanned(appId: string, scene: string): QrTicket {
    for (const ticket of this.#tickets.values()) {
      if (ticket.appId === appId && ticket.scene === scene && !this.#isOver(ticket)) return ticket
    }
    return this.#add(appId, scene, undefined)
  }

  #isOver({ expiresAt }: QrTicket): boolean {
    return expiresAt !== undefined && this.clock.now() >= expiresAt
  }

  #add(appId: string, scene: string, expiresAt: number | undefined): QrTicket {
    const ticket: QrTicket = {
      ticket: `g${randomText(95, this.random)}`,
      appId,
      scene,
      url: `http://weixin.qq.com/q/${randomText(22, this.random)}`,
      expiresAt,
    }
    this.#tickets.set(ticket.ticket, ticket)
    return ticket
  }
}
