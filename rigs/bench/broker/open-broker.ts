import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { BrokerCredential } from '../../drivers/embedded-broker/embedded-broker.js'
import type { Profile } from '../profile-schema.js'
import { RigUnavailable } from '../rig-errors.js'
import { accessTo, type BenchBroker } from './bench-broker.js'
import { observeBroker, OBSERVED_TOPICS, OBSERVER } from './observe-broker.js'

/** What a profile's broker may be. */
export const BROKER_SCHEMES = ['embedded', 'mosquitto', 'mqtt', 'mqtts'] as const

/**
 * The broker that a profile names: `embedded:` in this process, `mosquitto:` Debian's own, started for the run with TLS
 * and an access list, or one that runs already, `mqtts://host:port`.
 * @param profileFile the CA's path counts from its folder
 * @param credentials of all parties; a broker that runs already has to know them
 * @throws RigUnavailable
 */
export async function openBroker(
  profile: Profile,
  profileFile: string,
  credentials: readonly BrokerCredential[],
  observerPassword: string,
): Promise<BenchBroker> {
  const { url } = profile.broker
  if (url.startsWith('embedded:')) {
    const { startEmbeddedBroker } = await import('../../drivers/embedded-broker/embedded-broker.js')
    const port = profile.fixed?.ports?.broker ?? 0
    const broker = await startEmbeddedBroker({ host: '127.0.0.1', port, credentials })
    return {
      url: broker.url,
      kind: 'embedded broker (aedes)',
      onPublish: (listener) => broker.onPublish(listener),
      close: () => broker.close(),
    }
  }
  const observer: BrokerCredential = {
    username: OBSERVER,
    password: observerPassword,
    publish: [],
    subscribe: OBSERVED_TOPICS,
  }
  const served = url.startsWith('mosquitto:')
    ? await startDebianMosquitto([...credentials, observer])
    : await running(profile, profileFile)
  try {
    const ear = await observeBroker(accessTo(served, OBSERVER, observerPassword))
    return {
      ...served,
      onPublish: (listener) => ear.onPublish(listener),
      close: async () => {
        await ear.close()
        await served.close()
      },
    }
  } catch (cause) {
    await served.close()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RigUnavailable(
      `the broker ${served.url} does not let the user ${OBSERVER} in (${reason})`,
      'start it, and give it the users and the access list of docs/several-instances.md',
    )
  }
}

async function startDebianMosquitto(credentials: readonly BrokerCredential[]): Promise<BenchBroker> {
  const { startMosquitto } = await import('../../debian-services/mosquitto.js')
  try {
    const server = await startMosquitto(credentials)
    return {
      url: server.url,
      ca: server.ca,
      kind: 'Mosquitto of Debian, TLS and access list',
      onPublish: () => () => undefined,
      close: () => server.close(),
    }
  } catch (cause) {
    throw new RigUnavailable(
      `the broker mosquitto: cannot be started (${cause instanceof Error ? cause.message : String(cause)})`,
      'apt-get install mosquitto openssl, or use embedded:',
    )
  }
}

async function running({ broker }: Profile, profileFile: string): Promise<BenchBroker> {
  const ca =
    broker.ca === undefined ? undefined : readFileSync(resolve(dirname(profileFile), broker.ca), 'utf8')
  return {
    url: broker.url,
    kind: `the broker at ${broker.url}`,
    ...(ca !== undefined && { ca }),
    onPublish: () => () => undefined,
    close: async () => undefined,
  }
}
