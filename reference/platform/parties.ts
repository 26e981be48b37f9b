import { firstSecret, sameSecret, secretsOf } from '../same-secret.js'
import type { Party, PlatformConfig } from './platform-config.js'

/** All parties of a platform: the cloud, the operator, and others that its settings name. */
export function partiesOf(
  config: Pick<PlatformConfig, 'cloudToken' | 'operatorToken' | 'parties'>,
): readonly Party[] {
  return [
    { name: 'cloud', secrets: secretsOf(config.cloudToken), scopes: ['spaces', 'reservations'] },
    { name: 'operator', secrets: secretsOf(config.operatorToken), scopes: ['spaces', 'operator'] },
    ...(config.parties ?? []),
  ]
}

/** Whose secret this is. Every secret is compared, so that time does not tell which one was nearly right. */
export function partyBySecret(parties: readonly Party[], given: string): Party | undefined {
  const matches = parties.filter(
    ({ secrets }) => firstSecret(secrets, (one) => sameSecret(given, one)) !== undefined,
  )
  return matches[0]
}
