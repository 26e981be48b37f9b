import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import { FailureLimit } from '../failure-limit.js'
import { bearerOf } from '../http/bearer.js'
import { sourceOf } from '../http/request-source.js'
import type { SqlStore } from '../ports/sql-store.js'
import { recordAudit } from './audit.js'
import { partyBySecret } from './parties.js'
import type { AccessLimits, Party, PlatformDeps, Scope } from './platform-config.js'
import { refuse, type Refusal } from './problem.js'
import { RequestRefused } from './request-refused.js'

const WINDOW_MS = 60_000
const DEFAULT_REQUESTS_PER_MINUTE = 60_000
/** How long a refusal waits for its audit entry, milliseconds of wall time: a store that is full or silent holds up none. */
const AUDIT_MS = 500
/** Refusals whose entry the store has not taken yet; further ones have none. */
const MOST_UNWRITTEN = 64

/** Who asked; set once their credential was found good. */
export function partyOf(response: Response): Party {
  return response.locals['party'] as Party
}

/** Lets in who has a credential for it, at their rate; whoever has none is refused, and that is kept. */
export class Access {
  readonly #failures: FailureLimit
  readonly #pace: RequestHandler
  readonly #onKept: ((party: string) => void) | undefined
  #unwritten = 0

  constructor(
    private readonly parties: readonly Party[],
    private readonly deps: Pick<PlatformDeps, 'clock' | 'log'> & { readonly store: SqlStore },
    limits: AccessLimits & { readonly onKept?: (party: string) => void } = {},
  ) {
    this.#onKept = limits.onKept
    this.#failures = new FailureLimit(limits.failuresPerMinute)
    this.#pace = rateLimit({
      windowMs: WINDOW_MS,
      limit: limits.requestsPerMinute ?? DEFAULT_REQUESTS_PER_MINUTE,
      keyGenerator: (_request, response) => partyOf(response).name,
      legacyHeaders: false,
      standardHeaders: 'draft-8',
      handler: () => {
        throw new RequestRefused(refuse('rate-limited', 'too many requests; wait as Retry-After says'))
      },
    })
  }

  /** For routes that one of these scopes opens. */
  allow(...scopes: readonly Scope[]): RequestHandler {
    return async (request: Request, response: Response, next: NextFunction) => {
      const party = partyBySecret(this.parties, bearerOf(request.get('Authorization')))
      if (!party?.scopes.some((scope) => scopes.includes(scope))) {
        throw new RequestRefused(await this.#turnAway(request, party))
      }
      response.locals['party'] = party
      await this.#pace(request, response, next)
    }
  }

  /** Keeps what an operator did, or what was refused to a party that is known. */
  async keep(party: string, request: Request, target: string, outcome: string): Promise<void> {
    const action = `${request.method} ${routeOf(request)}`
    await recordAudit(this.deps.store, this.deps.clock.now(), { party, action, target, outcome })
    this.#onKept?.(party)
  }

  /** Keeps a refusal if the store takes it in time; what cannot be kept is logged, and changes no answer. */
  async keepRefusal(party: string, request: Request, target: string, outcome: string): Promise<void> {
    const failed = (reason: string) =>
      this.deps.log.record('audit-entry-failed', { source: sourceOf(request), party, outcome, reason })
    if (this.#unwritten >= MOST_UNWRITTEN) return failed('too many wait for the store')
    this.#unwritten++
    const kept = this.keep(party, request, target, outcome)
      .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)))
      .finally(() => this.#unwritten--)
    let timer: NodeJS.Timeout | undefined
    await Promise.race([kept, new Promise<void>((resolve) => (timer = setTimeout(resolve, AUDIT_MS)))])
    clearTimeout(timer)
  }

  close(): void {
    this.#failures.close()
  }

  /** Beyond the limit nothing is written any more. */
  async #turnAway(request: Request, party: Party | undefined): Promise<Refusal> {
    if (!(await this.#failures.lets(request))) {
      return refuse('rate-limited', 'too many requests without a valid credential; wait a minute')
    }
    await this.keepRefusal(party?.name ?? '?', request, request.path, 'unauthorised')
    return refuse('unauthorised', 'this needs a valid bearer token')
  }
}

/** As the contract names it, without what the caller put into it. */
function routeOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined
  return typeof route?.path === 'string' ? route.path : '*'
}
