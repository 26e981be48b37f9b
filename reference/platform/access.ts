import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import { FailureLimit } from '../failure-limit.js'
import type { SqlStore } from '../ports/sql-store.js'
import { recordAudit } from './audit.js'
import { partyBySecret } from './parties.js'
import type { AccessLimits, Party, PlatformDeps, Scope } from './platform-config.js'
import { refuse, type Refusal } from './problem.js'
import { RequestRefused } from './request-refused.js'

const WINDOW_MS = 60_000
const DEFAULT_REQUESTS_PER_MINUTE = 60_000

/** Who asked; set once their credential was found good. */
export function partyOf(response: Response): Party {
  return response.locals['party'] as Party
}

/** Lets in who has a credential for it, at their rate; whoever has none is refused, and that is kept. */
export class Access {
  readonly #failures: FailureLimit
  readonly #pace: RequestHandler

  constructor(
    private readonly parties: readonly Party[],
    private readonly deps: Pick<PlatformDeps, 'clock' | 'log'> & { readonly store: SqlStore },
    limits: AccessLimits = {},
  ) {
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
      const given = /^Bearer (.+)$/.exec(request.get('Authorization') ?? '')?.[1] ?? ''
      const party = partyBySecret(this.parties, given)
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
  }

  close(): void {
    this.#failures.close()
  }

  /** Beyond the limit nothing is written any more. */
  async #turnAway(request: Request, party: Party | undefined): Promise<Refusal> {
    if (!(await this.#failures.lets(request))) {
      return refuse('rate-limited', 'too many requests without a valid credential; wait a minute')
    }
    await this.keep(party?.name ?? '?', request, request.path, 'unauthorised')
    return refuse('unauthorised', 'this needs a valid bearer token')
  }
}

/** As the contract names it, without what the caller put into it. */
function routeOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined
  return typeof route?.path === 'string' ? route.path : '*'
}
