import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { BrokerCredential } from '../../drivers/embedded-broker/embedded-broker.js'
import type { Profile } from '../profile-schema.js'
import { RigUnavailable } from '../rig-errors.js'
import { spawnParty } from '../child-process/spawn-party.js'
import { accessTo, type BenchBroker } from './bench-broker.js'
import { observeBroker, OBSERVED_TOPICS, OBSERVER } from './observe-broker.js'

export interface BrokerNeeds {
  /** Of all parties; a broker that runs already has to know them. */
  readonly credentials: readonly BrokerCredential[]
  readonly observerPassword: string
  readonly newFolder: () => string
}

/** What a profile's broker may be. */
export const BROKER_SCHEMES = ['embedded', 'mosquitto', 'mqtt', 'mqtts'] as const

/**
 * The broker that a profile names: `embedded:` in this process, or in one of its own with `processes: each`; `mosquitto:` Debian's own, started for the run with TLS
 * and an access list, or one that runs already, `mqtts://host:port`.
 * @param profileFile the CA's path counts from its folder
 * @throws RigUnavailable
 */
export async function openBroker(
  profile: Profile,
  profileFile: string,
  { credentials, observerPassword, newFolder }: BrokerNeeds,
): Promise<BenchBroker> {
  const { url } = profile.broker
  const isEmbedded = url.startsWith('embedded:')
  if (isEmbedded && profile.processes === 'one') {
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
  const all = [...credentials, observer]
  const served = isEmbedded
    ? await startEmbeddedApart(all, profile.fixed?.ports?.broker ?? 0, newFolder())
    : url.startsWith('mosquitto:')
      ? await startDebianMosquitto(all)
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

async function startEmbeddedApart(
  credentials: readonly BrokerCredential[],
  port: number,
  folder: string,
): Promise<BenchBroker> {
  const party = await spawnParty('broker', 'broker', { port, credentials }, folder)
  return {
    url: party.urls['broker'] ?? '',
    kind: 'embedded broker (aedes), in a process of its own',
    onPublish: () => () => undefined,
    close: () => party.close(),
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
