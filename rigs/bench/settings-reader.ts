import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { UsageFault } from '../../reference/ports/faults.js'
import { yamlValue } from './yaml-value.js'

/** Settings that cannot be used, with every mistake's place in the file: a usage error (exit 2). */
export class InvalidSettings extends UsageFault {
  override readonly name = 'InvalidSettings'
  constructor(
    readonly file: string,
    readonly mistakes: readonly string[],
  ) {
    super(`these settings cannot be used:\n${mistakes.map((mistake) => `  ${file}:${mistake}`).join('\n')}`)
  }
}

/** Something wrong that only looks at several values show. */
export interface SettingsMistake {
  /** Keys and indices from the top. */
  readonly path: readonly (string | number)[]
  readonly what: string
}

/** A reader of YAML settings of one kind, which fills in the schema's defaults. */
export class SettingsReader<T> {
  readonly #validate: ValidateFunction

  /**
   * @param schema JSON Schema 2020-12 that only a `T` fits; not held against the schema of schemas, which costs every
   *   party a tenth of its start: `rigs/cli/settings-schemas.test.ts` does that
   * @param check finds what a schema cannot say
   */
  constructor(
    schema: object,
    private readonly check: (settings: T) => readonly SettingsMistake[] = () => [],
  ) {
    const ajv = new Ajv2020({
      allErrors: true,
      strict: false,
      useDefaults: true,
      validateSchema: false,
      verbose: true, // errors carry the schema around them, which names what is known
    })
    this.#validate = ajv.compile(schema)
  }

  /**
   * @param file named in the errors
   * @throws InvalidSettings with `line:column` of every mistake
   */
  read(text: string, file: string): T {
    const lines = new LineCounter()
    const document = parseDocument(text, { lineCounter: lines })
    if (document.errors.length > 0) {
      throw new InvalidSettings(
        file,
        document.errors.map(({ linePos, message }) => {
          const { line = 1, col = 1 } = linePos?.[0] ?? {}
          return `${line}:${col} ${message.split('\n')[0] ?? ''}`
        }),
      )
    }
    const read = yamlValue(document, lines)
    if ('mistakes' in read) throw new InvalidSettings(file, read.mistakes)
    const settings = read.value
    if (this.#validate(settings)) {
      const found = this.check(settings as T)
      if (found.length === 0) return settings as T
      throw new InvalidSettings(
        file,
        found.map(({ path, what }) => `${placeOf(document, path, lines)} ${what}`),
      )
    }
    const mistakes = (this.#validate.errors ?? []).filter(
      ({ keyword }) => keyword !== 'if' && keyword !== 'oneOf',
    )
    throw new InvalidSettings(file, [
      ...new Set(mistakes.map((error) => `${place(document, error, lines)} ${explain(error)}`)),
    ])
  }
}

/** `line:column` of the value that an error is about. */
function place(document: Document, error: ErrorObject, lines: LineCounter): string {
  const { additionalProperty } = error.params as { additionalProperty?: string }
  const path = error.instancePath.split('/').slice(1).map(unescapePointer)
  const key = additionalProperty ? keyNode(document, path, additionalProperty) : undefined
  return placeOf(document, path, lines, key)
}

/** `line:column` of the value at a path, or of the nearest thing around it. */
function placeOf(
  document: Document,
  path: readonly (string | number)[],
  lines: LineCounter,
  node: Ranged | undefined = nodeAt(document, path),
): string {
  if (node?.range) {
    const { line, col } = lines.linePos(node.range[0])
    return `${line}:${col}`
  }
  return path.length === 0 ? '1:1' : placeOf(document, path.slice(0, -1), lines)
}

const unescapePointer = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~')

interface Ranged {
  readonly range?: readonly [number, number, number] | null | undefined
}

function nodeAt(document: Document, path: readonly (string | number)[]): Ranged | undefined {
  return (path.length === 0 ? document.contents : document.getIn(path, true)) as Ranged | undefined
}

function keyNode(document: Document, path: readonly string[], name: string): Ranged | undefined {
  const map = nodeAt(document, path) as { items?: { key: Ranged & { value?: unknown } }[] } | undefined
  return map?.items?.find(({ key }) => key.value === name)?.key
}

function explain(error: ErrorObject): string {
  const where = error.instancePath.slice(1).replaceAll('/', '.')
  const { additionalProperty, allowedValues } = error.params as Record<string, unknown>
  if (additionalProperty) {
    const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object)
    const choices = known.length > 0 ? `; known: ${known.join(', ')}` : ''
    return `${where ? `${where}: ` : ''}unknown setting ${JSON.stringify(additionalProperty)}${choices}`
  }
  const detail = allowedValues ? ` (${(allowedValues as unknown[]).join(', ')})` : ''
  return `${where ? `${where} ` : ''}${error.message ?? error.keyword}${detail}`
}
