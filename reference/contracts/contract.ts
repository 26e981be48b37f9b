import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { contractDocument, type ContractDocument } from './contract-document.js'
import { ProductFault } from '../ports/faults.js'

/** The contracts whose messages are JSON. */
export type ContractName = Exclude<ContractDocument, 'wechat.openapi'>

/** Thrown when a message is not what its contract says; the message itself is not repeated, it may hold secrets. */
export class ContractViolation extends ProductFault {
  override readonly name = 'ContractViolation'
  constructor(
    readonly contract: ContractName,
    readonly schema: string,
    readonly violations: readonly string[],
  ) {
    super(`not a ${schema} of ${contract}: ${violations.join('; ')}`)
  }
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
    // A contract is no JSON schema as a whole: held against the schema of schemas, nothing of it would be looked at.
    ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false })
    ;(formats as unknown as (ajv: Ajv2020) => void)(ajv)
    ajv.addSchema(contractDocument(contract), contract)
    loaded.set(contract, ajv)
  }
  return ajv
}

function compile(contract: ContractName, schema: string): ValidateFunction {
  const validate = load(contract).getSchema(`${contract}#/components/schemas/${schema}`)
  if (!validate) throw new Error(`contract ${contract} has no schema ${schema}`)
  return validate
}

/**
 * A check of one message kind: what comes back is the message, typed. Compiled when the first message comes: a process
 * imports more checks than it uses.
 * @param schema name under `components.schemas`
 */
export function messageCheck<T>(contract: ContractName, schema: string): (message: unknown) => T {
  let validate: ValidateFunction | undefined
  return (message) => {
    validate ??= compile(contract, schema)
    // JSON.parse makes it a field like any other, and Ajv's unevaluatedProperties looks past it.
    if (typeof message === 'object' && message !== null && Object.hasOwn(message, '__proto__')) {
      throw new ContractViolation(contract, schema, ['/ must NOT have additional properties ("__proto__")'])
    }
    if (validate(message)) return message as T
    throw new ContractViolation(contract, schema, (validate.errors ?? []).slice(0, 5).map(describe))
  }
}
