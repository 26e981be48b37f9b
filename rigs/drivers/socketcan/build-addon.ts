/** `npm run build:can-addon`: compiles the addon for this and other processors, and records what it was built of. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binaryHashes, BUILD_SCRIPT, PREBUILT, sourcesHash, type AddonRecord } from './addon-sources.js'

execFileSync('bash', [BUILD_SCRIPT, PREBUILT], { stdio: 'inherit' })
const record: AddonRecord = {
  sources: sourcesHash(),
  compiler: execFileSync('gcc', ['-dumpfullversion'], { encoding: 'utf8' }).trim(),
  binaries: binaryHashes(PREBUILT),
}
writeFileSync(join(PREBUILT, 'built-of.json'), `${JSON.stringify(record, null, 2)}\n`)
