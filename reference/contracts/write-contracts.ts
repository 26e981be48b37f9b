/** Part of `npm run build`: writes the contracts as JSON beside what reads them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parse } from 'yaml'
import { builtContract, contractFile } from './contract-document.js'

for (const file of readdirSync(contractFile('.')).filter((name) => name.endsWith('.yaml'))) {
  const document: unknown = parse(readFileSync(contractFile(file), 'utf8'))
  writeFileSync(builtContract(basename(file, '.yaml')), JSON.stringify(document))
}
