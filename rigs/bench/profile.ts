import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { packageRoot } from '../../reference/package-root.js'
import { profileSchema, type Profile } from './profile-schema.js'

/** No profile of that name, or no file there: a usage error (exit 2). */
export class UnknownProfile extends Error {
  override readonly name = 'UnknownProfile'
  constructor(asked: string) {
    super(
      `there is no rig profile ${JSON.stringify(asked)}; known: ${profileNames().join(', ')}; ` +
        'or give the path of a YAML file',
    )
  }
}

/** A profile that cannot be used, with every mistake's place in the file: a usage error (exit 2). */
export class InvalidProfile extends Error {
  override readonly name = 'InvalidProfile'
  constructor(
    readonly file: string,
    readonly mistakes: readonly string[],
  ) {
    super(`the rig profile cannot be used:\n${mistakes.map((mistake) => `  ${file}:${mistake}`).join('\n')}`)
  }
}

const PROFILES = join(packageRoot, 'rigs', 'profiles')

/** Names of the profiles that come with Lockstep. */
export function profileNames(): string[] {
  return readdirSync(PROFILES)
    .filter((file) => file.endsWith('.yaml') && !file.includes('.example.'))
    .map((file) => basename(file, '.yaml'))
    .sort()
}

/**
 * @param asked a profile's name, or a path to a YAML file
 * @throws UnknownProfile
 */
export function profileFile(asked: string): string {
  const looksLikePath = /[/\\]|\.ya?ml$/.test(asked)
  const file = looksLikePath ? resolve(asked) : join(PROFILES, `${asked}.yaml`)
  if (!existsSync(file)) throw new UnknownProfile(asked)
  return file
}

/** @throws UnknownProfile, InvalidProfile */
export function loadProfile(asked: string): Profile {
  const file = profileFile(asked)
  return parseProfile(readFileSync(file, 'utf8'), file)
}

const validate = new Ajv2020({ allErrors: true, strict: false, useDefaults: true }).compile(profileSchema)

/**
 * @param file named in the errors
 * @throws InvalidProfile with `line:column` of every mistake
 */
export function parseProfile(text: string, file: string): Profile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0) {
    throw new InvalidProfile(
      file,
      document.errors.map(({ linePos, message }) => {
        const { line = 1, col = 1 } = linePos?.[0] ?? {}
        return `${line}:${col} ${message.split('\n')[0] ?? ''}`
      }),
    )
  }
  const profile: unknown = document.toJS()
  if (validate(profile)) return profile as unknown as Profile
  const mistakes = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if' && keyword !== 'oneOf')
  throw new InvalidProfile(file, [
    ...new Set(mistakes.map((error) => `${place(document, error, lines)} ${explain(error)}`)),
  ])
}

/** `line:column` of the value that an error is about, or of the nearest thing around it. */
function place(document: Document, error: ErrorObject, lines: LineCounter): string {
  const { additionalProperty } = error.params as { additionalProperty?: string }
  const path = error.instancePath.split('/').slice(1).map(unescapePointer)
  const key = additionalProperty ? keyNode(document, path, additionalProperty) : undefined
  for (let node = key ?? nodeAt(document, path); ; node = nodeAt(document, path)) {
    if (node?.range) {
      const { line, col } = lines.linePos(node.range[0])
      return `${line}:${col}`
    }
    if (path.pop() === undefined) return '1:1'
  }
}

const unescapePointer = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~')

interface Ranged {
  readonly range?: readonly [number, number, number] | null | undefined
}

function nodeAt(document: Document, path: readonly string[]): Ranged | undefined {
  return (path.length === 0 ? document.contents : document.getIn(path, true)) as Ranged | undefined
}

function keyNode(document: Document, path: readonly string[], name: string): Ranged | undefined {
  const map = nodeAt(document, path) as { items?: { key: Ranged & { value?: unknown } }[] } | undefined
  return map?.items?.find(({ key }) => key.value === name)?.key
}

function explain(error: ErrorObject): string {
  const where = error.instancePath.slice(1).replaceAll('/', '.')
  const { additionalProperty, allowedValues } = error.params as Record<string, unknown>
  if (additionalProperty)
    return `${where ? `${where}: ` : ''}unknown setting ${JSON.stringify(additionalProperty)}`
  const detail = allowedValues ? ` (${(allowedValues as unknown[]).join(', ')})` : ''
  return `${where ? `${where} ` : ''}${error.message ?? error.keyword}${detail}`
}
