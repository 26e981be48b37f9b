import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Soak } from './soak-progress.js'

const SUITE = fileURLToPath(new URL('../conformance/external-parties/external-suite.js', import.meta.url))

/** `npm run test:external` whole: external platform, cloud and both, the suite twice on each. */
export const externalSoak: Soak = async (_settings, progress) => {
  const child = spawn(process.execPath, [SUITE], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit') as Promise<[number | null]>
  const rounds: unknown[] = []
  let text = ''
  for await (const chunk of child.stdout) {
    const lines = (text + String(chunk)).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      progress(line)
      rounds.push(JSON.parse(line))
    }
  }
  const [code] = await ended
  if (code !== 0) throw new Error(`the suite on external parties ended with ${code}`)
  return { rounds }
}
