import { firstSecret, sameSecret, secretsOf } from '../same-secret.js'
import type { Party, PlatformConfig } from './platform-config.js'

/** All parties of a platform: the cloud, the operator, and others that its settings name. */
export function partiesOf(
  config: Pick<PlatformConfig, 'cloudToken' | 'operatorToken' | 'webhook' | 'parties'>,
): readonly Party[] {
  return [
    {
      name: 'cloud',
      secrets: secretsOf(config.cloudToken),
      scopes: ['spaces', 'reservations'],
      webhook: config.webhook,
    },
    { name: 'operator', secrets: secretsOf(config.operatorToken), scopes: ['spaces', 'operator'] },
    ...(config.parties ?? []),
  ]
}

/** Thrown for parties that cannot be kept apart. */
export class PartiesInvalid extends Error {
  override readonly name = 'PartiesInvalid'
}

/** A mistake in `parties`, where it stands, from the top of the settings. */
export interface PartyMistake {
  readonly path: readonly (string | number)[]
  readonly what: string
}

/** What would let the events and codes of one party reach another, or none. */
export function partyMistakes({
  webhook,
  parties = [],
}: Pick<PlatformConfig, 'webhook' | 'parties'>): PartyMistake[] {
  const names = new Set(['cloud', 'operator'])
  const urls = new Set([webhook.url])
  return parties.flatMap(({ name, scopes, webhook: own }, index) => {
    const found: PartyMistake[] = []
    const wrong = (key: string, what: string) => void found.push({ path: ['parties', index, key], what })
    if (names.has(name)) wrong('name', `there is another party ${name}; each needs a name of its own`)
    names.add(name)
    if (own === undefined && scopes.includes('reservations')) {
      wrong('scopes', `${name} may reserve, so it needs a webhook: { url, secret } for its events and codes`)
    }
    if (own && urls.has(own.url))
      wrong('webhook', `another party has the webhook ${own.url}: it would get the codes of ${name}`)
    if (own) urls.add(own.url)
    return found
  })
}

/** @throws PartiesInvalid */
export function requireSoundParties(config: Pick<PlatformConfig, 'webhook' | 'parties'>): void {
  const mistakes = partyMistakes(config)
  if (mistakes.length > 0) throw new PartiesInvalid(mistakes.map(({ what }) => what).join('; '))
}

/** Whose secret this is. Every secret is compared, so that time does not tell which one was nearly right. */
export function partyBySecret(parties: readonly Party[], given: string): Party | undefined {
  const matches = parties.filter(
    ({ secrets }) => firstSecret(secrets, (one) => sameSecret(given, one)) !== undefined,
  )
  return matches[0]
}
