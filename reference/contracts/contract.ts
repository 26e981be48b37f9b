import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { parse } from 'yaml'
import { packageRoot } from '../package-root.js'

/** The contracts whose messages are JSON. */
export type ContractName =
  'platform.openapi' | 'lock-link.asyncapi' | 'vehicle-link.asyncapi' | 'phone.openapi'

/** Thrown when a message is not what its contract says; the message itself is not repeated, it may hold secrets. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation'
  constructor(
    readonly contract: ContractName,
    readonly schema: string,
    readonly violations: readonly string[],
  ) {
    super(`not a ${schema} of ${contract}: ${violations.join('; ')}`)
  }
}

/** Path of a file in `reference/contracts`. */
export function contractFile(name: string): string {
  return join(packageRoot, 'reference', 'contracts', name)
}

function describe(error: ErrorObject): string {
  const { allowedValues, additionalProperty } = error.params as Record<string, unknown>
  const detail = allowedValues ?? additionalProperty
  return `${error.instancePath || '/'} ${error.message ?? error.keyword}${detail ? ` (${JSON.stringify(detail)})` : ''}`
}

const loaded = new Map<ContractName, Ajv2020>()

function load(contract: ContractName): Ajv2020 {
  let ajv = loaded.get(contract)
  if (!ajv) {
    ajv = new Ajv2020({ strict: false, allErrors: false })
    ;(formats as unknown as (ajv: Ajv2020) => void)(ajv)
    ajv.addSchema(parse(readFileSync(contractFile(`${contract}.yaml`), 'utf8')) as object, contract)
    loaded.set(contract, ajv)
  }
  return ajv
}

/**
 * A check of one message kind: what comes back is the message, typed.
 * @param schema name under `components.schemas`
 */
export function messageCheck<T>(contract: ContractName, schema: string): (message: unknown) => T {
  const validate = load(contract).getSchema(`${contract}#/components/schemas/${schema}`)
  if (!validate) throw new Error(`contract ${contract} has no schema ${schema}`)
  return (message) => {
    // JSON.parse makes it a field like any other, and Ajv's unevaluatedProperties looks past it.
    if (typeof message === 'object' && message !== null && Object.hasOwn(message, '__proto__')) {
      throw new ContractViolation(contract, schema, ['/ must NOT have additional properties ("__proto__")'])
    }
    if (validate(message)) return message as T
    throw new ContractViolation(contract, schema, (validate.errors ?? []).slice(0, 5).map(describe))
  }
}
