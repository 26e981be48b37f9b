import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { readLines } from '../../../reference/read-lines.js'
import { RigFault, RigTimeout } from '../rig-errors.js'
import type { RunningBench } from './bench-registry.js'
import type { BenchStatus, ControlReply, ControlRequest } from './control-messages.js'
import type { SafeStateProof } from './safe-state.js'

/** Longer than a supervisor takes to confirm, wall milliseconds. */
const SAFE_MS = 8_000
const STATUS_MS = 2_000

/** Makes a running bench safe through its supervisor, and latches it. @throws RigFault, RigTimeout */
export async function makeBenchSafe(bench: RunningBench): Promise<SafeStateProof> {
  const reply = await ask(bench, 'safe', SAFE_MS)
  if (reply.reply !== 'safe') throw new RigFault(`the supervisor of ${bench.rig} gave no proof`)
  return reply.proof
}

/** What a running bench's sensors said last. @throws RigFault, RigTimeout */
export async function benchStatus(bench: RunningBench): Promise<BenchStatus> {
  const reply = await ask(bench, 'status', STATUS_MS)
  if (reply.reply !== 'status') throw new RigFault(`the supervisor of ${bench.rig} tells no status`)
  return reply.status
}

/** Tells the status at each change, until the signal or the bench's end. @throws RigFault */
export async function watchBench(
  bench: RunningBench,
  tell: (status: BenchStatus) => void,
  signal: AbortSignal,
): Promise<void> {
  const socket = await dial(bench)
  const stop = () => socket.destroy()
  signal.addEventListener('abort', stop)
  const closed = once(socket, 'close')
  onReply(socket, (reply) => {
    if (reply.reply === 'status') tell(reply.status)
  })
  send(socket, 'watch')
  if (signal.aborted) stop()
  await closed
  signal.removeEventListener('abort', stop)
}

async function ask(
  bench: RunningBench,
  request: ControlRequest['request'],
  waitMs: number,
): Promise<ControlReply> {
  const socket = await dial(bench)
  try {
    return await new Promise<ControlReply>((resolve, reject) => {
      const deadline = setTimeout(
        () =>
          reject(
            new RigTimeout(`an answer of the supervisor of ${bench.rig} (process ${bench.pid})`, waitMs),
          ),
        waitMs,
      )
      socket.once('close', () => {
        clearTimeout(deadline)
        reject(new RigFault(`the bench ${bench.rig} ended before it answered`))
      })
      onReply(socket, (reply) => {
        clearTimeout(deadline)
        resolve(reply)
      })
      send(socket, request)
    })
  } finally {
    socket.destroy()
  }
}

async function dial({ control, rig }: RunningBench): Promise<Socket> {
  const socket = connect(control)
  try {
    await once(socket, 'connect')
  } catch (cause) {
    throw new RigFault(`the supervisor of ${rig} cannot be reached at ${control}`, { cause })
  }
  socket.on('error', () => socket.destroy())
  return socket
}

/** What is no reply ends the connection: the other end is no supervisor. */
function onReply(socket: Socket, take: (reply: ControlReply) => void): void {
  readLines(socket, (line) => take(JSON.parse(line) as ControlReply), { onEnd: () => socket.destroy() })
}

function send(socket: Socket, request: ControlRequest['request']): void {
  socket.write(`${JSON.stringify({ request } satisfies ControlRequest)}\n`)
}
