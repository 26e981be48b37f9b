import { sameSecret } from '../same-secret.js'
import type { Party, PlatformConfig } from './platform-config.js'

const list = (secret: string | readonly string[]) => (typeof secret === 'string' ? [secret] : secret)

/** All parties of a platform: the cloud, the operator, and others that its settings name. */
export function partiesOf(
  config: Pick<PlatformConfig, 'cloudToken' | 'operatorToken' | 'parties'>,
): readonly Party[] {
  return [
    { name: 'cloud', secrets: list(config.cloudToken), scopes: ['spaces', 'reservations'] },
    { name: 'operator', secrets: list(config.operatorToken), scopes: ['spaces', 'operator'] },
    ...(config.parties ?? []),
  ]
}

/** Whose secret this is. Every secret is compared, so that time does not tell which one was nearly right. */
export function partyBySecret(parties: readonly Party[], given: string): Party | undefined {
  const matches = parties.filter(({ secrets }) => secrets.filter((one) => sameSecret(given, one)).length > 0)
  return matches[0]
}
