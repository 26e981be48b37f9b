import { INVENTORY_FIELDS } from '../../../reference/platform/inventory-file/inventory-fields.js'

/** JSON Schemas of what `lockstep serve PARTY --config FILE` reads. */
const text = { type: 'string', minLength: 1 }
const httpUrl = { type: 'string', pattern: '^https?://' }
const identifier = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' }
const port = { type: 'integer', minimum: 0, maximum: 65_535, default: 0 }
const host = { ...text, default: '127.0.0.1' }
/** Under which a party on loopback may be asked: of a proxy or tunnel in front of it. */
const hostNames = { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9.-]{1,253}$' } }

function settings(required: readonly string[], properties: object): object {
  return { type: 'object', required, additionalProperties: false, properties }
}

const store = { ...settings(['url'], { url: { type: 'string', pattern: '^(libsql|postgres|postgresql):' } }) }
const broker = settings(['url', 'username', 'password'], {
  url: { type: 'string', pattern: '^mqtts?://' },
  username: text,
  password: text,
  ca: text,
})
const position = settings(['latitude', 'longitude'], {
  latitude: { type: 'number', minimum: -90, maximum: 90 },
  longitude: { type: 'number', minimum: -180, maximum: 180 },
})
/** Left out: the system's clock. With `control`: one that another process moves over HTTP. */
const clock = settings(['control'], {
  control: settings(['token'], {
    token: { type: 'string', minLength: 16 },
    startMs: { type: 'integer' },
    port,
  }),
})

/** One secret, or two while one is replaced by the other. */
const rotating = {
  type: ['string', 'array'],
  minLength: 16,
  minItems: 1,
  maxItems: 2,
  items: { type: 'string', minLength: 16 },
}
const metres = { type: 'number', exclusiveMinimum: 0, maximum: 100 }
const bays = {
  type: 'array',
  items: settings(['bayId', 'label', 'lockId', 'location', 'pricePerHourFen'], {
    bayId: identifier,
    label: text,
    lockId: identifier,
    location: position,
    pricePerHourFen: { type: 'integer', minimum: 0 },
    size: settings(['lengthMetres', 'widthMetres'], {
      lengthMetres: metres,
      widthMetres: metres,
      heightMetres: metres,
    }),
    charger: settings(['kind', 'powerKilowatts'], {
      kind: { enum: ['ac', 'dc'] },
      powerKilowatts: { type: 'number', exclusiveMinimum: 0, maximum: 10_000 },
    }),
  }),
}
/** A city's own file of bays; its path is relative to the file of settings. */
export const inventoryFileSchema = settings(['file', 'datum'], {
  file: text,
  datum: { enum: ['WGS-84', 'GCJ-02'] },
  format: { enum: ['csv', 'geojson'] },
  columns: settings([], Object.fromEntries(INVENTORY_FIELDS.map((field) => [field, text]))),
  defaultPricePerHourFen: { type: 'integer', minimum: 0 },
  encoding: text,
  delimiter: { type: 'string', minLength: 1, maxLength: 1 },
})

export const SERVE_SCHEMAS = {
  wechat: settings(['accounts'], {
    host,
    port,
    hostNames,
    clock,
    store,
    controlToken: { type: 'string', minLength: 16 },
    pushTimeoutMs: { type: 'integer', minimum: 1 },
    pushDeliveries: { type: 'integer', minimum: 1 },
    accounts: {
      type: 'array',
      minItems: 1,
      items: settings(['appId', 'secret', 'token', 'originalId'], {
        appId: text,
        secret: text,
        token: text,
        originalId: { type: 'string', pattern: '^gh_' },
        callbackUrl: httpUrl,
        mode: { enum: ['plain', 'compatible', 'safe'] },
        aesKey: { type: 'string', pattern: '^[A-Za-z0-9]{43}$' },
        ipAllowList: { type: 'array', items: text },
        serverIps: { type: 'array', items: text },
        templates: {
          type: 'array',
          items: settings(['templateId', 'title', 'content'], {
            templateId: text,
            title: text,
            content: text,
          }),
        },
        callsPerDay: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
        unauthorisedCalls: { type: 'array', items: text },
        locationDatum: { enum: ['GCJ-02', 'WGS-84'] },
        positionDatum: { enum: ['GCJ-02', 'WGS-84'] },
      }),
    },
  }),
  cloud: settings(['store', 'wechat', 'platform', 'broker'], {
    instance: identifier,
    leaseMs: { type: 'integer', minimum: 200 },
    host,
    port,
    hostNames,
    clock,
    store,
    broker,
    wechat: settings(['apiUrl', 'appId', 'secret', 'token'], {
      apiUrl: httpUrl,
      appId: text,
      secret: text,
      token: { ...rotating, minLength: 1, items: text },
      originalId: text,
      aesKey: {
        ...rotating,
        pattern: '^[A-Za-z0-9]{43}$',
        items: { type: 'string', pattern: '^[A-Za-z0-9]{43}$' },
      },
      timeoutMs: { type: 'integer', minimum: 1 },
    }),
    platform: settings(['url', 'token', 'webhookSecret'], {
      url: httpUrl,
      token: text,
      webhookSecret: { type: ['string', 'array'], minLength: 1, minItems: 1, maxItems: 2, items: text },
      timeoutMs: { type: 'integer', minimum: 1 },
    }),
    holdSeconds: { type: 'integer', minimum: 60, maximum: 7_200, default: 900 },
    mapDatum: { enum: ['GCJ-02', 'WGS-84'], default: 'GCJ-02' },
    replayWindowSeconds: { type: 'integer', minimum: 1 },
    failuresPerMinute: { type: 'integer', minimum: 1 },
    passiveReplyMs: { type: 'integer', minimum: 1, maximum: 4_900 },
  }),
  platform: settings(['store', 'broker', 'cloudToken', 'operatorToken', 'webhook'], {
    instance: identifier,
    leaseMs: { type: 'integer', minimum: 200 },
    host,
    port,
    hostNames,
    clock,
    store,
    broker,
    cloudToken: rotating,
    operatorToken: rotating,
    parties: {
      type: 'array',
      items: settings(['name', 'secrets', 'scopes'], {
        name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$', not: { enum: ['cloud', 'operator'] } },
        secrets: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string', minLength: 16 } },
        scopes: { type: 'array', minItems: 1, items: { enum: ['spaces', 'reservations', 'operator'] } },
        webhook: settings(['url', 'secret'], { url: httpUrl, secret: text }),
      }),
    },
    limits: settings([], {
      requestsPerMinute: { type: 'integer', minimum: 1 },
      failuresPerMinute: { type: 'integer', minimum: 1 },
      lockMessagesPerMinute: { type: 'integer', minimum: 1 },
    }),
    webhook: settings(['url', 'secret'], { url: httpUrl, secret: text }),
    holdSeconds: { type: 'integer', minimum: 60, maximum: 7_200, default: 900 },
    lockSilenceSeconds: { type: 'integer', minimum: 5, maximum: 3_600 },
    unlockGraceSeconds: { type: 'integer', minimum: 0, maximum: 600 },
    noShowSeconds: { type: 'integer', minimum: 60, maximum: 86_400 },
    commandTtlSeconds: { type: 'integer', minimum: 1, default: 60 },
    lockAnswerTimeoutMs: { type: 'integer', minimum: 1 },
    inventory: { if: { type: 'array' }, then: bays, else: inventoryFileSchema },
  }),
  broker: settings(['credentials'], {
    host,
    port,
    credentials: {
      type: 'array',
      minItems: 1,
      items: settings(['username', 'password', 'publish', 'subscribe'], {
        username: text,
        password: { type: ['string', 'array'], minLength: 1, minItems: 1, maxItems: 2, items: text },
        publish: { type: 'array', items: text },
        subscribe: { type: 'array', items: text },
      }),
    },
  }),
  vehicle: settings(['vehicleId', 'broker'], {
    vehicleId: identifier,
    clock,
    broker,
    bus: settings(['url'], { url: { type: 'string', pattern: '^(memory|socketcan|slcan|socketcand|udp):' } }),
    headUnit: { type: 'boolean', default: true },
  }),
  lock: settings(['lockId', 'bayId', 'location', 'broker', 'store'], {
    lockId: identifier,
    bayId: identifier,
    location: position,
    clock,
    broker,
    store,
  }),
} as const

export type PartyName = keyof typeof SERVE_SCHEMAS
export const PARTY_NAMES = Object.keys(SERVE_SCHEMAS) as PartyName[]
