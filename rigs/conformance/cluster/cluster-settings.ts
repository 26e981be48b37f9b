import type { Position } from '../../../reference/contracts/platform-api.js'
import type { MosquittoCredential } from '../../debian-services/mosquitto.js'

export const SECRETS = {
  appId: 'wxcluster0000001',
  appSecret: 'secret-of-the-account',
  wechatToken: 'token-of-the-account',
  originalId: 'gh_cluster000001',
  controlToken: 'control-token-of-the-mock',
  cloudToken: 'token-of-the-cloud-at-the-platform',
  operatorToken: 'token-of-the-operator',
  webhookSecret: 'secret-of-the-webhooks',
} as const

/** Short, so that a test need not wait; an instance that is starved for longer loses its duty, which does no harm. */
const LEASE_MS = 2_000
export const VEHICLE = 'EV-1'

export interface ClusterBay {
  readonly bayId: string
  readonly lockId: string
  readonly location: Position
}

export function clusterBays(count: number): ClusterBay[] {
  return Array.from({ length: count }, (_, n) => ({
    bayId: `B-${n + 1}`,
    lockId: `L-${n + 1}`,
    location: { latitude: 39.90775 + n / 10_000, longitude: 116.45563 },
  }))
}

/** Instances are numbered through, those of platforms too, and no name comes twice. */
const MOST_INSTANCES = 64

const secretOf = (username: string) => `secret of ${username}`

export function brokerCredentials(bays: readonly ClusterBay[]): MosquittoCredential[] {
  const own = (username: string, publish: string[], subscribe: string[]) => ({
    username,
    password: secretOf(username),
    publish,
    subscribe,
  })
  return [
    own('platform', ['locks/+/commands'], ['locks/+/events', 'locks/+/status']),
    // One for each: to this broker a user is one client, so that two under one name would cut each other off.
    ...Array.from({ length: MOST_INSTANCES }, (_, n) =>
      own(`cloud-${n + 1}`, ['vehicles/+/commands'], ['vehicles/+/events']),
    ),
    own(VEHICLE, [`vehicles/${VEHICLE}/events`], [`vehicles/${VEHICLE}/commands`]),
    ...bays.map(({ lockId }) =>
      own(lockId, [`locks/${lockId}/events`, `locks/${lockId}/status`], [`locks/${lockId}/commands`]),
    ),
  ]
}

interface Access {
  readonly url: string
  readonly ca: string
}

export function platformSettings(
  storeUrl: string,
  access: Access,
  webhookUrl: string,
  bays: readonly ClusterBay[],
): object {
  return {
    leaseMs: LEASE_MS,
    store: { url: storeUrl },
    broker: { ...access, username: 'platform', password: secretOf('platform') },
    cloudToken: SECRETS.cloudToken,
    operatorToken: SECRETS.operatorToken,
    webhook: { url: webhookUrl, secret: SECRETS.webhookSecret },
    inventory: bays.map((bay) => ({ ...bay, label: `bay ${bay.bayId}`, pricePerHourFen: 600 })),
  }
}

export function cloudSettings(
  storeUrl: string,
  access: Access,
  wechatUrl: string,
  platformUrl: string,
): object {
  return {
    leaseMs: LEASE_MS,
    store: { url: storeUrl },
    broker: access,
    wechat: {
      apiUrl: wechatUrl,
      appId: SECRETS.appId,
      secret: SECRETS.appSecret,
      token: SECRETS.wechatToken,
      originalId: SECRETS.originalId,
    },
    platform: { url: platformUrl, token: SECRETS.cloudToken, webhookSecret: SECRETS.webhookSecret },
  }
}

/** Platforms share one user at the broker, whose session goes from one to the next; each cloud has its own. */
export function instanceSettings(party: 'platform' | 'cloud', name: string, settings: object): object {
  if (party === 'platform') return settings
  const { broker } = settings as { readonly broker: Access }
  return { ...settings, broker: { ...broker, username: name, password: secretOf(name) } }
}
