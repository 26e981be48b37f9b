import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { EventLog } from '../../../reference/ports/event-log.js'
import type { BrokerCredential } from '../../drivers/embedded-broker/embedded-broker.js'
import type { Profile } from '../profile-schema.js'
import { RigUnavailable } from '../rig-errors.js'
import { spawnParty } from '../child-process/spawn-party.js'
import { accessTo, type BenchBroker } from './bench-broker.js'
import { observeBroker, OBSERVED_TOPICS, OBSERVER } from './observe-broker.js'
import { isCredentialRefused, refusalOf } from './try-credential.js'
import { whyNotLetIn } from './why-not-let-in.js'

export interface BrokerNeeds {
  /** Of all parties; a broker that runs already has to know them. */
  readonly credentials: readonly BrokerCredential[]
  readonly observerPassword: string
  readonly newFolder: () => string
  /** Gets what the broker refuses, where it is ours or started for the run. */
  readonly log: EventLog
}

/** What a profile's broker may be. */
export const BROKER_SCHEMES = ['embedded', 'mosquitto', 'mqtt', 'mqtts'] as const

/**
 * The broker that a profile names: `embedded:` in this process, or in one of its own with `processes: each`;
 * `mosquitto:` Debian's own, started for the run with TLS and an access list; or one that runs already,
 * `mqtts://host:port`.
 * @param profileFile the CA's path counts from its folder
 * @throws RigUnavailable
 */
export async function openBroker(
  profile: Profile,
  profileFile: string,
  { credentials, observerPassword, newFolder, log }: BrokerNeeds,
): Promise<BenchBroker> {
  const { url } = profile.broker
  const isEmbedded = url.startsWith('embedded:')
  if (isEmbedded && profile.processes === 'one') {
    const { startEmbeddedBroker } = await import('../../drivers/embedded-broker/embedded-broker.js')
    const { logRefusals } = await import('../../drivers/embedded-broker/log-refusals.js')
    const port = profile.fixed?.ports?.broker ?? 0
    const broker = await startEmbeddedBroker({ host: '127.0.0.1', port, credentials })
    logRefusals(broker, log)
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
      ? await startDebianMosquitto(all, log)
      : await running(profile, profileFile, all)
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
    throw notLetIn(served.url, [OBSERVER], cause)
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

async function startDebianMosquitto(
  credentials: readonly BrokerCredential[],
  log: EventLog,
): Promise<BenchBroker> {
  const { startMosquitto } = await import('../../debian-services/mosquitto.js')
  const { logRefusals } = await import('../../drivers/embedded-broker/log-refusals.js')
  try {
    const server = await startMosquitto(credentials, { tellsRefusals: true })
    logRefusals(server, log)
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

/** A broker of the user's own: every party's user is tried before the run, so that none fails in the middle of it. */
async function running(
  { broker }: Profile,
  profileFile: string,
  credentials: readonly BrokerCredential[],
): Promise<BenchBroker> {
  const ca = broker.ca === undefined ? undefined : readAuthority(resolve(dirname(profileFile), broker.ca))
  const served: BenchBroker = {
    url: broker.url,
    kind: `the broker at ${broker.url}`,
    ...(ca !== undefined && { ca }),
    onPublish: () => () => undefined,
    close: async () => undefined,
  }
  const refused: { username: string; cause: unknown }[] = []
  for (const { username, password } of credentials) {
    const cause = await refusalOf(accessTo(served, username, password))
    if (cause === undefined) continue
    refused.push({ username, cause })
    // What is no matter of the user is the same for all of them.
    if (!isCredentialRefused(cause)) break
  }
  const [first] = refused
  if (first)
    throw notLetIn(
      broker.url,
      refused.map(({ username }) => username),
      first.cause,
    )
  return served
}

function notLetIn(url: string, usernames: readonly string[], cause: unknown): RigUnavailable {
  const { reason, mend } = whyNotLetIn(url, cause)
  const who = isCredentialRefused(cause) ? ` for ${usernames.join(', ')}` : ''
  return new RigUnavailable(`the broker ${url} cannot be used: ${reason}${who}`, mend)
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new RigUnavailable(
      `the certificate ${file} cannot be read`,
      'name the broker’s authority in broker.ca, relative to the profile',
    )
  }
}
