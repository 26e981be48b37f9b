import { readFileSync } from 'node:fs'
import type { CanInterface } from './worker-protocol.js'

/** IFF_UP (linux/if.h). */
export const INTERFACE_UP = 0x1
/** How often an open interface is looked at: the kernel tells a raw socket's user only when it reads or writes. */
const WATCH_MS = 100

const attribute = (name: string, what: string) =>
  readFileSync(`/sys/class/net/${name}/${what}`, 'latin1').trim()

/** What has become of an interface that was up; undefined while it still is. */
export function interfaceTrouble({ name, index }: CanInterface): string | undefined {
  try {
    if (Number(attribute(name, 'ifindex')) !== index) return `interface ${name} was replaced by another one`
    if ((Number(attribute(name, 'flags')) & INTERFACE_UP) === 0) return `interface ${name} went down`
    return undefined
  } catch {
    return `interface ${name} is gone`
  }
}

/** @returns stops watching */
export function watchInterface(watched: CanInterface, onTrouble: (problem: string) => void): () => void {
  const timer = setInterval(() => {
    const trouble = interfaceTrouble(watched)
    if (trouble === undefined) return
    clearInterval(timer)
    onTrouble(trouble)
  }, WATCH_MS)
  return () => clearInterval(timer)
}
