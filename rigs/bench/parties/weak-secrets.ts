import { isLoopback } from '../../../reference/http/host-check.js'
import type { SettingsMistake } from '../settings-reader.js'

/** Settings that hold a secret; a list holds one that is being replaced and its successor. */
const SECRET = /^(?:secrets?|password|aesKey|\w*[tT]oken|\w+Secret)$/

/** As examples write what is to be replaced; a test holds them against those of docs/ and deploy/. */
const PLACEHOLDERS = [
  /…|\.\.\.|^<.*>$/,
  /^(?:my|your)[-_ ]/i,
  /^the(?:-[a-z]+)+$/,
  /change-?me|replace-?me|placeholder|\bexample\b/i,
  /^[A-Z]+(?:-[A-Z]+)*-(?:SECRET|TOKEN|PASSWORD)(?:-[A-Z]+)*$/,
  /^0123456789abcdef/i,
  /^abcdefghijklmnop/i,
]

export const isPlaceholder = (secret: string) => PLACEHOLDERS.some((pattern) => pattern.test(secret))

interface Found {
  readonly path: readonly (string | number)[]
  readonly values: readonly string[]
}

function* secretsIn(value: unknown, path: readonly (string | number)[] = []): Generator<Found> {
  if (typeof value !== 'object' || value === null) return
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item])
    : Object.entries(value)
  for (const [name, item] of entries) {
    const at = [...path, name]
    const isSecret = typeof name === 'string' && SECRET.test(name)
    if (isSecret && typeof item === 'string') yield { path: at, values: [item] }
    else if (isSecret && Array.isArray(item)) yield { path: at, values: item.map(String) }
    else if (
      name === 'url' &&
      typeof item === 'string' &&
      /^postgres(ql)?:/.test(item) &&
      URL.canParse(item)
    ) {
      const { password } = new URL(item)
      if (password !== '') yield { path: at, values: [decodeURIComponent(password)] }
    } else yield* secretsIn(item, at)
  }
}

/** Secrets that others know: those of an example, and the same one for two purposes. No secret is repeated. */
export function weakSecrets(settings: object): SettingsMistake[] {
  const first = new Map<string, string>()
  return [...secretsIn(settings)].flatMap(({ path, values }) => {
    const what: string[] = []
    const name = path.join('.')
    for (const value of new Set(values)) {
      const before = first.get(value)
      if (before !== undefined) what.push(`${name} is the same secret as ${before}; each needs its own`)
      else first.set(value, name)
      if (isPlaceholder(value))
        what.push(`${name} is the placeholder of an example; draw a secret of its own`)
    }
    return what.map((text) => ({ path, what: text }))
  })
}

/** Whether the party is reached from other machines. One without a `host` serves nothing. */
export const isExposed = ({ host }: { readonly host?: unknown }) =>
  typeof host === 'string' && !isLoopback(host)
