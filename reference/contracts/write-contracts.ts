/** Part of `npm run build`: writes the contracts as JSON beside what reads them, whole at any moment. */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { builtContract, contractFile } from './contract-document.js'

for (const file of readdirSync(contractFile('.')).filter((name) => name.endsWith('.yaml'))) {
  const document: unknown = parse(readFileSync(contractFile(file), 'utf8'))
  const built = fileURLToPath(builtContract(basename(file, '.yaml')))
  // Tests that run beside another build read it meanwhile.
  writeFileSync(`${built}.${process.pid}`, JSON.stringify(document))
  renameSync(`${built}.${process.pid}`, built)
}
