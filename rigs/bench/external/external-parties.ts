import { remoteClock } from '../control/remote-clock.js'
import type { RigClock } from '../business-clock.js'
import type { ExternalParty, Profile } from '../profile-schema.js'
import { untilReachable } from '../reachable.js'
import { RigUnavailable } from '../rig-errors.js'

/** The parties that a user may bring. */
export type ExternalName = 'platform' | 'cloud'
const NAMES: readonly ExternalName[] = ['platform', 'cloud']

/** How long a user's own party may take to come up, wall milliseconds: it may be waiting for our broker. */
export const EXTERNAL_MS = 30_000

/** The parties that the profile says are reached where they are. */
export function externalParties({ parties }: Pick<Profile, 'parties'>): [ExternalName, ExternalParty][] {
  return NAMES.flatMap((name) => {
    const party = parties[name]
    return typeof party === 'object' ? [[name, party] as [ExternalName, ExternalParty]] : []
  })
}

/** Why a rig's business time is the system's: an external party has no clock that can be moved. */
export function unmovableParty(profile: Pick<Profile, 'parties'>): string | undefined {
  const stuck = externalParties(profile).find(([, { clock }]) => clock === undefined)
  return stuck && `the external ${stuck[0]} at ${stuck[1].external} goes by the system's clock`
}

/**
 * Brings the clocks of the external parties to the rig's time, before anything moves it.
 * @returns each one's end
 * @throws RigUnavailable
 */
export async function leadExternalClocks(
  profile: Pick<Profile, 'parties'>,
  time: RigClock,
): Promise<(() => void)[]> {
  const ends: (() => void)[] = []
  for (const [name, { clock }] of externalParties(profile)) {
    if (!clock) continue
    await reach(`the clock of the external ${name}`, clock.url)
    ends.push(await time.lead(remoteClock(clock.url, clock.token)))
  }
  return ends
}

/** Waits until a party that may still be starting accepts connections. @throws RigUnavailable */
export async function reach(what: string, url: string): Promise<string> {
  if (await untilReachable(url, EXTERNAL_MS)) return url
  throw new RigUnavailable(
    `${what} at ${url} accepts no connection`,
    'start it, or correct `parties` in the profile',
  )
}
