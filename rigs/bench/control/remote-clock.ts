import type { ClockFollower } from '../business-clock.js'
import { RigFault } from '../rig-errors.js'

/** The clock of a party in another process, over its control wire (`clock-control.ts`). */
export function remoteClock(url: string, token: string): ClockFollower {
  return {
    async set(epochMs) {
      const answer = await fetch(`${url}/clock`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ epochMs }),
        signal: AbortSignal.timeout(5_000),
      }).catch((cause: unknown) => {
        throw new RigFault(`the clock at ${url} cannot be reached`, { cause })
      })
      if (answer.status !== 204)
        throw new RigFault(`the clock at ${url} refused to be moved: HTTP ${answer.status}`)
    },
  }
}
