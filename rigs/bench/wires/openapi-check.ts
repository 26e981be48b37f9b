import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { contractDocument, type ContractDocument } from '../../../reference/contracts/contract-document.js'

interface Operation {
  readonly requestBody?: MaybeReference & { readonly content?: Content; readonly required?: boolean }
  readonly responses?: Readonly<Record<string, MaybeReference & { readonly content?: Content }>>
}
interface MaybeReference {
  readonly $ref?: string
}
type Content = Readonly<Record<string, { readonly schema?: unknown }>>

interface Route {
  /** As the contract has it, ids left open. */
  readonly path: string
  readonly pattern: RegExp
  /** JSON pointer of the path item in the document. */
  readonly pointer: string
  readonly operations: Readonly<Record<string, Operation>>
}

const escapePointer = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1')

/** Checks what is seen on an HTTP wire against an OpenAPI 3.1 document of `reference/contracts`. */
export class OpenApiCheck {
  // That each schema of a contract is one, a test shows: the schema of schemas takes longer to compile than all of them.
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false })
  readonly #routes: Route[]
  readonly #document: Record<string, unknown>

  constructor(readonly contract: ContractDocument) {
    ;(formats as unknown as (ajv: Ajv2020) => void)(this.#ajv)
    this.#document = contractDocument(contract) as Record<string, unknown>
    this.#ajv.addSchema(this.#document, contract)
    const paths = this.#document['paths'] as Record<string, Record<string, Operation>>
    this.#routes = Object.entries(paths).map(([path, operations]) => ({
      path,
      pattern: new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
      pointer: `/paths/${escapePointer(path)}`,
      operations,
    }))
  }

  /** What is wrong with a request, or undefined. `body` is the parsed JSON, undefined for none or another type. */
  request(method: string, path: string, contentType: string, body: unknown): string | undefined {
    const found = this.#find(method, path)
    if (typeof found === 'string') return found
    const at = this.#follow(found.operation.requestBody, `${found.pointer}/requestBody`)
    if (!at) return undefined
    return this.#checkContent(at.value, at.pointer, contentType, body, `body of ${method} ${found.path}`)
  }

  /** What is wrong with a response, or undefined. */
  response(
    method: string,
    path: string,
    status: number,
    contentType: string,
    body: unknown,
  ): string | undefined {
    const found = this.#find(method, path)
    if (typeof found === 'string') return undefined // the request has been blamed for it
    const response = found.operation.responses?.[String(status)]
    if (!response) return `answers ${method} ${path} with ${status}, which the contract does not have`
    const at = this.#follow(response, `${found.pointer}/responses/${status}`)
    return (
      at &&
      this.#checkContent(
        at.value,
        at.pointer,
        contentType,
        body,
        `body of ${status} to ${method} ${found.path}`,
      )
    )
  }

  /** What is wrong with a JSON message of a named schema, or undefined. */
  message(schema: string, body: unknown): string | undefined {
    return this.#checkSchema(`/components/schemas/${schema}`, body, schema)
  }

  #find(method: string, path: string): { operation: Operation; pointer: string; path: string } | string {
    const plain = path.split('?')[0] ?? path
    const route = this.#routes.find(({ pattern }) => pattern.test(plain))
    const verb = method.toLowerCase()
    const operation = route?.operations[verb]
    if (!route || !operation) return `asks ${method} ${plain}, which the contract does not have`
    return { operation, pointer: `${route.pointer}/${verb}`, path: route.path }
  }

  #follow<T extends MaybeReference>(
    value: T | undefined,
    pointer: string,
  ): { value: T; pointer: string } | undefined {
    if (!value) return undefined
    if (!value.$ref) return { value, pointer }
    const target = value.$ref.slice(1)
    let node: unknown = this.#document
    for (const part of target.split('/').slice(1)) node = (node as Record<string, unknown>)[part]
    return { value: node as T, pointer: target }
  }

  #checkContent(
    { content }: { readonly content?: Content },
    pointer: string,
    contentType: string,
    body: unknown,
    what: string,
  ): string | undefined {
    if (!content) return undefined
    const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
    if (!content[type]) return `${what} is ${type || 'of no type'}, not ${Object.keys(content).join(' or ')}`
    if (!type.endsWith('json') || !content[type].schema) return undefined
    return this.#checkSchema(`${pointer}/content/${escapePointer(type)}/schema`, body, what)
  }

  #checkSchema(pointer: string, body: unknown, what: string): string | undefined {
    const validate = this.#ajv.getSchema(`${this.contract}#${encodeURI(pointer)}`)
    if (!validate) throw new Error(`${this.contract} has nothing at ${pointer}`)
    if (validate(body)) return undefined
    const [error] = validate.errors ?? []
    return `${what}: ${error?.instancePath || '/'} ${error?.message ?? 'does not fit'}${detail(error)}`
  }
}

/** The property that is too much, or what is allowed; never the value, which may be a secret. */
function detail(error: ErrorObject | undefined): string {
  const { additionalProperty, allowedValues } = (error?.params ?? {}) as Record<string, unknown>
  const named = additionalProperty ?? allowedValues
  return named === undefined ? '' : `: ${JSON.stringify(named)}`
}

const checks = new Map<ContractDocument, OpenApiCheck>()

/** The check of a contract; compiled once a process, since scenarios come and go. */
export function openApiCheck(contract: ContractDocument): OpenApiCheck {
  let check = checks.get(contract)
  if (!check) checks.set(contract, (check = new OpenApiCheck(contract)))
  return check
}
