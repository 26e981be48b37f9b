import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../reference/package-root.js'
import { freePort } from '../../debian-services/free-port.js'

/** A fenced block of YAML whose first line names its file, indented or not. */
const BLOCK = /^( *)```yaml\n\1# ([\w-]+\.yaml)\n([\s\S]*?)^\1```$/gm
const DOCUMENTED_PORT = /\b18\d{3}\b/g

/**
 * The files of docs/own-party.md, by their names, as a newcomer has them: profiles are a copy of the `virtual` one with
 * what the page adds. Each port of the page is replaced by one that is free on this machine.
 */
export async function documentedFiles(): Promise<ReadonlyMap<string, string>> {
  const page = readFileSync(join(packageRoot, 'docs', 'own-party.md'), 'utf8')
  const base = readFileSync(join(packageRoot, 'rigs', 'profiles', 'virtual.yaml'), 'utf8')
  const ports = new Map<string, string>()
  for (const port of new Set(page.match(DOCUMENTED_PORT))) ports.set(port, String(await freePort()))
  const files = new Map<string, string>()
  for (const [, indent = '', name = '', block = ''] of page.matchAll(BLOCK)) {
    const text = block
      .split('\n')
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join('\n')
      .replaceAll(DOCUMENTED_PORT, (port) => ports.get(port) ?? port)
    files.set(name, name.startsWith('my-') ? base + text : text)
  }
  return files
}
