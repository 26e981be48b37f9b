import { connect } from 'node:net'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

/**
 * Resolves when somebody accepts connections at a URL's host and port. Nobody tells when another's server comes up, so
 * this asks again and again, ever more rarely.
 * @param url with a port, or of a scheme whose port is known
 * @returns false when nobody did within `deadlineMs` of wall time
 */
export async function untilReachable(url: string, deadlineMs: number): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const target = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (DEFAULT_PORTS[protocol] ?? 80),
  }
  const deadline = performance.now() + deadlineMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    if (await accepts(target)) return true
    if (performance.now() + pauseMs > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'mqtt:': 1883,
  'mqtts:': 8883,
}

function accepts(target: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target)
    socket.setTimeout(LONGEST_PAUSE_MS, () => socket.destroy())
    socket.once('connect', () => socket.destroy()).once('connect', () => resolve(true))
    socket.once('error', () => resolve(false)).once('close', () => resolve(false))
  })
}
