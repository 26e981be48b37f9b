import type { BrokerCredential } from '../../drivers/embedded-broker/embedded-broker.js'
import type { Guests } from '../guests.js'
import type { Profile } from '../profile-schema.js'

/** One credential a party, which reads and writes its own topics only. */
export function brokerCredentials(
  profile: Profile,
  password: (username: string) => string,
  guests: Guests = { locks: [], vehicles: [] },
): BrokerCredential[] {
  const own = (username: string, publish: string[], subscribe: string[]) => ({
    username,
    password: password(username),
    publish,
    subscribe,
  })
  return [
    own('platform', ['locks/+/commands'], ['locks/+/events', 'locks/+/status']),
    own('cloud', ['vehicles/+/commands'], ['vehicles/+/events']),
    ...[profile.vehicleId, ...guests.vehicles].map((car) =>
      own(car, [`vehicles/${car}/events`], [`vehicles/${car}/commands`]),
    ),
    ...[...profile.bays.map(({ lockId }) => lockId), ...guests.locks].map((lock) =>
      own(lock, [`locks/${lock}/events`, `locks/${lock}/status`], [`locks/${lock}/commands`]),
    ),
  ]
}
