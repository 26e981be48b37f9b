import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { BrokerAccess } from '../../reference/ports/broker-access.js'
import { inventoryFileSchema } from '../bench/parties/serve-schemas.js'
import { InvalidSettings, SettingsReader, type SettingsMistake } from '../bench/settings-reader.js'
import type { InventoryFile } from '../../reference/platform/inventory-file/read-inventory-file.js'

/** Parties that are there already: what `lockstep fleet --config FILE` reads. */
export interface FleetConfig {
  readonly broker: {
    readonly url: string
    /** PEM of the authority that signed the broker's certificate; a path counts from the file of settings. */
    readonly ca?: string
    /** `{username}` stands for the name; or a file of lines `name:password`. */
    readonly passwords: { readonly pattern: string } | { readonly file: string }
  }
  readonly platform?: { readonly url: string; readonly operatorToken: string }
  readonly wechat: { readonly url: string; readonly appId: string; readonly controlToken?: string }
  /** `{n}` counts from 1. */
  readonly vehicles: { readonly pattern: string }
  readonly inventory?: InventoryFile
}

const text = { type: 'string', minLength: 1 }
const httpUrl = { type: 'string', pattern: '^https?://' }

function settings(required: readonly string[], properties: object): object {
  return { type: 'object', required, additionalProperties: false, properties }
}

export const fleetSchema = settings(['broker', 'wechat'], {
  broker: settings(['url', 'passwords'], {
    url: { type: 'string', pattern: '^mqtts?://' },
    ca: text,
    passwords: {
      if: { type: 'object', required: ['file'] },
      then: settings(['file'], { file: text }),
      else: settings(['pattern'], { pattern: text }),
    },
  }),
  platform: settings(['url', 'operatorToken'], { url: httpUrl, operatorToken: text }),
  wechat: settings(['url', 'appId'], { url: httpUrl, appId: text, controlToken: text }),
  vehicles: {
    ...settings(['pattern'], {
      pattern: { type: 'string', pattern: '^[A-Za-z0-9_-]*\\{n\\}[A-Za-z0-9_-]*$' },
    }),
    default: { pattern: 'FV-{n}' },
  },
  inventory: inventoryFileSchema,
})

/** What a schema cannot say: files that are not there. */
function mistakesIn(config: FleetConfig, folder: string): SettingsMistake[] {
  const missing = (path: readonly string[], file: string | undefined): SettingsMistake[] => {
    if (file === undefined || isReadable(resolve(folder, file))) return []
    return [{ path, what: `${path.join('.')}: there is no file ${file}, or it cannot be read` }]
  }
  const { ca, passwords } = config.broker
  return [
    ...missing(['broker', 'ca'], ca),
    ...missing(['broker', 'passwords', 'file'], 'file' in passwords ? passwords.file : undefined),
    ...missing(['inventory', 'file'], config.inventory?.file),
  ]
}

function isReadable(file: string): boolean {
  try {
    readFileSync(file)
    return true
  } catch {
    return false
  }
}

/** @returns the settings, with every path in them absolute. @throws InvalidSettings with `line:column` of every mistake */
export function readFleetConfig(file: string): FleetConfig {
  const folder = dirname(resolve(file))
  const reader = new SettingsReader<FleetConfig>(fleetSchema, (config) => mistakesIn(config, folder))
  const { broker, inventory, ...rest } = reader.read(readFileSync(file, 'utf8'), file)
  const { ca, passwords } = broker
  return {
    ...rest,
    broker: {
      ...broker,
      ...(ca !== undefined && { ca: resolve(folder, ca) }),
      passwords: 'file' in passwords ? { file: resolve(folder, passwords.file) } : passwords,
    },
    ...(inventory && { inventory: { ...inventory, file: resolve(folder, inventory.file) } }),
  }
}

/**
 * How each of these users reaches the broker.
 * @throws InvalidSettings when the file of passwords lacks one
 */
export function accessOf(
  usernames: readonly string[],
  { url, ca, passwords }: FleetConfig['broker'],
): BrokerAccess[] {
  const pem = ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }
  const passwordOf = 'file' in passwords ? fromFile(passwords.file) : fromPattern(passwords.pattern)
  return usernames.map((username) => ({ url, username, password: passwordOf(username), ...pem }))
}

const fromPattern = (pattern: string) => (username: string) => pattern.replaceAll('{username}', username)

function fromFile(file: string): (username: string) => string {
  const known = new Map<string, string>()
  for (const [n, line] of readFileSync(file, 'utf8').split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    if (colon < 1) throw new InvalidSettings(file, [`${n + 1}:1 no line of the form name:password`])
    known.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return (username) => {
    const password = known.get(username)
    if (password === undefined) throw new InvalidSettings(file, [`1:1 there is no password of ${username}`])
    return password
  }
}
