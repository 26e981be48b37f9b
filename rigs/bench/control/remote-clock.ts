import { messageCheck } from '../../../reference/contracts/contract.js'
import type { ClockFollower } from '../business-clock.js'
import { RigUnavailable } from '../rig-errors.js'

/** Wall milliseconds. */
const ANSWER_MS = 5_000

const checkTime = messageCheck<{ readonly epochMs: number }>('party-control.openapi', 'BusinessTime')

/**
 * The clock of a party in another process, over its control wire (`party-control.openapi.yaml`). Its calls throw
 * RigUnavailable: a clock that cannot be moved says nothing about the product.
 */
export function remoteClock(url: string, token: string): ClockFollower {
  const ask = async (method: 'GET' | 'PUT', body?: object): Promise<Response> => {
    try {
      return await fetch(`${url.replace(/\/$/, '')}/clock`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new RigUnavailable(
        `the clock at ${url} cannot be reached (${reason})`,
        'start it, or correct `clock.url` in the profile',
      )
    }
  }
  return {
    async set(epochMs) {
      const { status } = await ask('PUT', { epochMs })
      if (status === 204) return
      throw new RigUnavailable(
        `the clock at ${url} refused to be moved: HTTP ${status} in place of 204`,
        status === 401
          ? 'its token and `clock.token` in the profile must be the same'
          : 'see party-control.openapi.yaml in reference/contracts',
      )
    },
    async read() {
      const answer = await ask('GET')
      if (answer.status !== 200) return undefined
      try {
        return checkTime(await answer.json()).epochMs
      } catch {
        return undefined
      }
    },
  }
}
