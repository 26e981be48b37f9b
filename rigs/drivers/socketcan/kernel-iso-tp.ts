import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { RigFault } from '../../../reference/ports/faults.js'

const DEADLINE_MS = 120_000
const LISTS = '/proc/net/can'
const POLL_MS = 20
/** Linux marks 29-bit ids in the bits above them (CAN_EFF_FLAG). */
const ID_FLAGS = 0x2000_0000

/** The kernel's ISO-TP did not do what it was asked for. */
export class KernelIsoTpFailed extends RigFault {
  override readonly name = 'KernelIsoTpFailed'
}

/** Why this kernel's ISO-TP cannot be used; undefined when it can. */
export function kernelIsoTpProblem(): string | undefined {
  // No interface has this name: what the tool says last tells how far it came.
  const { error, stderr } = spawnSync('isotpsend', ['-s', '1', '-d', '2', 'lockstep-none'], {
    input: '00',
    encoding: 'utf8',
  })
  if (error) return `isotpsend does not start (${error.message}); apt-get install can-utils`
  return /^socket:/m.test(stderr) ? `this kernel has no can-isotp (${stderr.trim()})` : undefined
}

const hexBytes = (payload: Uint8Array) =>
  [...payload].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

/** What a child printed, when it has ended well; kills it at a deadline. */
async function finished(child: ChildProcess): Promise<string> {
  let printed = ''
  let complaints = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(deadline)
  if (code === 0) return printed
  const command = child.spawnargs.join(' ')
  throw new KernelIsoTpFailed(`${command} ended by ${code ?? signal}: ${complaints.trim() || 'no complaint'}`)
}

/** Sends a message by the kernel's ISO-TP; resolves when its last frame is out. */
export async function isotpsend(args: readonly string[], payload: Uint8Array): Promise<void> {
  const child = spawn('isotpsend', ['-b', ...args])
  child.stdin.end(`${hexBytes(payload)}\n`)
  await finished(child)
}

/** Whether a socket of this kernel listens on an interface for an id. */
function isHeard(interfaceName: string, id: number): boolean {
  return readdirSync(LISTS)
    .filter((name) => name.startsWith('rcvlist_'))
    .flatMap((name) => readFileSync(`${LISTS}/${name}`, 'utf8').split('\n'))
    .some((line) => {
      const [device, canId] = line.trim().split(/\s+/)
      const heard = parseInt(canId ?? '', 16) % ID_FLAGS
      return device === interfaceName && heard === id && line.includes('isotp')
    })
}

/**
 * Receives one message by the kernel's ISO-TP. Resolves once the kernel listens.
 * @param id what it listens for
 */
export async function isotprecv(
  args: readonly string[],
  interfaceName: string,
  id: number,
): Promise<{ readonly message: Promise<Uint8Array> }> {
  const child = spawn('isotprecv', [...args, interfaceName])
  const message = finished(child).then((text) => {
    // It ends well without a word when the kernel gives a message up.
    if (text.trim() === '') throw new KernelIsoTpFailed('isotprecv: the kernel gave the message up')
    return new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))
  })
  message.catch(() => undefined)
  for (let waitedMs = 0; !isHeard(interfaceName, id); waitedMs += POLL_MS) {
    if (child.exitCode !== null) await message
    if (waitedMs > DEADLINE_MS) {
      child.kill('SIGKILL')
      throw new KernelIsoTpFailed(`isotprecv does not listen on ${interfaceName} for 0x${id.toString(16)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return { message }
}
