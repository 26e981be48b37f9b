import { createHmac, randomBytes } from 'node:crypto'
import { parseUnlockCode } from '../../reference/domain/unlock-code.js'
import { fieldPatterns, type FieldMatch } from './redaction-patterns.js'
import { isHarmless, secretKind, type SecretKind } from './sensitive-names.js'

/** Makes values fit for the evidence: secrets become fingerprints such as `code:3f9a1c2b`. */
export interface Redactor {
  /** A JSON-like copy of any value, without secrets. Never throws: what cannot be copied is named instead. */
  value(value: unknown): unknown
  text(text: string): string
}

/** Gives all processes of a run the same key, base64. */
export const REDACTION_KEY_VARIABLE = 'LOCKSTEP_REDACTION_KEY'

/**
 * The key of this run: the same value has the same fingerprint in all its processes, and in no other run. Taken from
 * the environment when whoever started this process has set it there, drawn afresh otherwise; never written.
 */
export function runRedactionKey(environment: NodeJS.ProcessEnv = process.env): Uint8Array {
  const given = environment[REDACTION_KEY_VARIABLE]
  return given ? Buffer.from(given, 'base64') : randomBytes(32)
}

/** Values at least this long are looked for everywhere once they were seen; shorter ones would maim ordinary words. */
const SHORTEST_LEARNT = 6
const DEEPEST = 12
const LONGEST_REMEMBERED = 40
const MOST_REMEMBERED = 4000
const FINGERPRINT = /^(?:code|openid|token|secret|password|signature|authorization):[0-9a-f]{8}$/

/** An openid is `o` and 27 URL-safe characters; words joined by dashes have no capitals. */
const OPENID_LIKE = /(?<![\w-])o(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{27}(?![\w-])/g
const AUTHORITY = /\b(Bearer|Basic)(\s+|%20)([\w.~+/=-]{8,})/gi
const PASSWORD_IN_URL = /(:\/\/[^\s:@/]*:)([^\s@/]+)(?=@)/g

/**
 * @param key of the run; passed to its processes by the bench, never written
 */
export function createRedactor(key: Uint8Array): Redactor {
  const learnt = new Map<string, string>()
  /** Names and other short texts come again and again; what they become holds until another secret is learnt. */
  const short = new Map<string, string>()

  function fingerprint(kind: SecretKind, value: string): string {
    if (value === '' || FINGERPRINT.test(value)) return value
    const known = learnt.get(value)
    if (known) return known
    const shown = `${kind}:${createHmac('sha256', key).update(value).digest('hex').slice(0, 8)}`
    if (value.length >= SHORTEST_LEARNT) {
      for (const form of writtenForms(value)) learnt.set(form, shown)
      short.clear()
    }
    return shown
  }

  function secret(kind: SecretKind, value: string): string {
    if (isHarmless(kind, value)) return value
    const scheme = kind === 'authorization' ? /^(\w+\s+)(\S+)$/.exec(value) : null
    return scheme ? scheme[1]! + fingerprint('authorization', scheme[2]!) : fingerprint(kind, value)
  }

  function field(match: FieldMatch): string | undefined {
    const kind = secretKind(match.name)
    return kind && match.value !== '' ? secret(kind, match.value) : undefined
  }

  function text(input: string): string {
    if (input.length > LONGEST_REMEMBERED) return search(input)
    let output = short.get(input)
    if (output === undefined) {
      output = search(input)
      if (short.size >= MOST_REMEMBERED) short.clear()
      short.set(input, output)
    }
    return output
  }

  function search(input: string): string {
    if (FINGERPRINT.test(input)) return input
    let output = input
    const document = /^\s*[[{]/.test(output) ? parseJson(output) : undefined
    if (document !== undefined) output = JSON.stringify(value(document))
    output = fieldPatterns(output, field, text)
    output = output.replace(
      AUTHORITY,
      (_, scheme: string, gap: string, token: string) => scheme + gap + fingerprint('authorization', token),
    )
    output = output.replace(
      PASSWORD_IN_URL,
      (_, before: string, password: string) => before + fingerprint('password', password),
    )
    output = output.replace(/\d{24,}/g, (digits) => codesIn(digits, (code) => fingerprint('code', code)))
    output = output.replace(OPENID_LIKE, (openid) => fingerprint('openid', openid))
    for (const [form, shown] of learnt) if (output.includes(form)) output = output.replaceAll(form, shown)
    return output
  }

  function value(input: unknown, kind?: SecretKind, depth = 0, above: readonly object[] = []): unknown {
    if (typeof input === 'string') return kind ? secret(kind, input) : text(input)
    if (typeof input === 'number' || typeof input === 'bigint') {
      if (!kind || isHarmless(kind, Number(input)))
        return typeof input === 'bigint' ? text(`${input}`) : input
      return fingerprint(kind, String(input))
    }
    if (typeof input !== 'object' || input === null) {
      return typeof input === 'function' || typeof input === 'symbol' ? `[${typeof input}]` : input
    }
    if (above.includes(input)) return '[circular]'
    if (depth > DEEPEST) return '[too deep]'
    const inside = [...above, input]
    const plain = asPlain(input)
    if (typeof plain !== 'object' || plain === null) return value(plain, kind, depth + 1, inside)
    if (Array.isArray(plain)) {
      return plain.map((item: unknown, index) => {
        const before: unknown = plain[index - 1]
        const named = typeof before === 'string' && typeof item === 'string' ? secretKind(before) : undefined
        return value(item, kind ?? named, depth + 1, inside)
      })
    }
    const fields = plain as Record<string, unknown>
    const title = fields['name'] ?? fields['key']
    const pair = typeof title === 'string' ? secretKind(title) : undefined
    return Object.fromEntries(
      Object.entries(fields).map(([name, item]) => [
        text(name),
        value(item, kind ?? secretKind(name) ?? (name === 'value' ? pair : undefined), depth + 1, inside),
      ]),
    )
  }

  return {
    text,
    value: (input) => {
      try {
        return value(input)
      } catch (cause) {
        return `[unreadable: ${cause instanceof Error ? cause.name : typeof cause}]`
      }
    },
  }
}

/** The ways in which a value may stand inside another text. */
function writtenForms(value: string): Set<string> {
  const xml = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
  const bytes = Buffer.from(value)
  return new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    xml,
    bytes.toString('base64'),
    // By way of UTF-8, since a lone surrogate cannot be percent-encoded.
    encodeURIComponent(bytes.toString('utf8')),
  ])
}

function codesIn(digits: string, replace: (code: string) => string): string {
  for (let i = 0; i + 24 <= digits.length; i++) {
    const candidate = digits.slice(i, i + 24)
    if (!parseUnlockCode(candidate)) continue
    return digits.slice(0, i) + replace(candidate) + codesIn(digits.slice(i + 24), replace)
  }
  return digits
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Things that JSON would lose or write as bytes, as what they say. */
function asPlain(input: object): unknown {
  if (input instanceof Uint8Array) {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(input)
    } catch {
      return `[${input.length} bytes that are not text]`
    }
  }
  if (input instanceof Error) {
    const { name, message, stack, cause, ...further } = input
    return { ...further, name, message, stack, ...(cause === undefined ? {} : { cause }) }
  }
  if (input instanceof Map) return Object.fromEntries(input) as unknown
  if (input instanceof Set) return [...(input as Set<unknown>)]
  if (input instanceof URL || input instanceof URLSearchParams || input instanceof RegExp)
    return String(input)
  const { toJSON } = input as { toJSON?: unknown }
  return typeof toJSON === 'function' ? (toJSON.call(input) as unknown) : input
}
