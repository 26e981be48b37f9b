import type { BrokerCredential } from '../../drivers/embedded-broker/embedded-broker.js'
import type { Profile } from '../profile-schema.js'

/** One credential a party, which reads and writes its own topics only. */
export function brokerCredentials(
  profile: Profile,
  password: (username: string) => string,
): BrokerCredential[] {
  const own = (username: string, publish: string[], subscribe: string[]) => ({
    username,
    password: password(username),
    publish,
    subscribe,
  })
  const { vehicleId: car } = profile
  return [
    own('platform', ['locks/+/commands'], ['locks/+/events', 'locks/+/status']),
    own('cloud', ['vehicles/+/commands'], ['vehicles/+/events']),
    own(car, [`vehicles/${car}/events`], [`vehicles/${car}/commands`]),
    ...profile.bays.map(({ lockId }) =>
      own(lockId, [`locks/${lockId}/events`, `locks/${lockId}/status`], [`locks/${lockId}/commands`]),
    ),
  ]
}
