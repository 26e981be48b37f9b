import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root.js'

/** The contracts of HTTP and MQTT, by the names of their files. */
export type ContractDocument =
  | 'platform.openapi'
  | 'lock-link.asyncapi'
  | 'vehicle-link.asyncapi'
  | 'phone.openapi'
  | 'wechat.openapi'
  | 'party-control.openapi'

/** Path of a file in `reference/contracts`. */
export function contractFile(name: string): string {
  return join(packageRoot, 'reference', 'contracts', name)
}

/** Where `npm run build` puts a contract as JSON: each process of a run reads it, and YAML takes a third of its start. */
export const builtContract = (contract: string): URL => new URL(`./${contract}.json`, import.meta.url)

/** A contract, as its YAML was at the last build. */
export function contractDocument(contract: ContractDocument): object {
  return JSON.parse(readFileSync(builtContract(contract), 'utf8')) as object
}
