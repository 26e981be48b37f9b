import type { HostAndPort } from '../board/board-client.js'
import { awaitExit, awaitReady, awaitReport, forkDetached, tell } from '../child-process/child-process.js'
import type { SafeStateProof } from './safe-state.js'
import type { SupervisorReport, SupervisorRequest, SupervisorSettings } from './supervisor-messages.js'

export type { SafeStateProof } from './safe-state.js'

const READY_MS = 10_000
const HEARTBEAT_MS = 250
const HEARTBEAT_TIMEOUT_MS = 3_000
/** Longer than the supervisor itself may take. */
const SAFE_MS = 8_000
const EXIT_GRACE_MS = 7_000

export interface Supervisor {
  /** The board's serial line, for one client at a time. */
  readonly relay: HostAndPort
  readonly pid: number
  /** Drops the relay's client, takes the actuator's power away and reads it back. */
  makeSafe(): Promise<SafeStateProof>
  /** Makes safe once more, and ends the process. */
  close(): Promise<void>
}

/**
 * Starts the process that owns the board's line.
 * @param options.evidenceFolder gets `safe-state.json` and the process's standard error
 * @param options.heartbeatTimeoutMs the runner counts as lost after so long a silence, wall milliseconds
 * @throws RigProcessFailed
 */
export async function startSupervisor(options: {
  readonly uart: HostAndPort
  readonly evidenceFolder: string
  readonly heartbeatTimeoutMs?: number
}): Promise<Supervisor> {
  const { uart, evidenceFolder } = options
  const settings: SupervisorSettings = {
    uartHost: uart.host,
    uartPort: uart.port,
    evidenceFolder,
    heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? HEARTBEAT_TIMEOUT_MS,
  }
  const module = new URL('./supervisor-process.js', import.meta.url)
  const child = forkDetached('supervisor', module, settings, evidenceFolder)
  const send = (request: SupervisorRequest) => tell(child, request)
  const relayPort = await awaitReady<SupervisorReport, number>(
    child,
    'supervisor',
    evidenceFolder,
    READY_MS,
    (report) => (report.type === 'ready' ? report.relayPort : undefined),
  )
  const heartbeat = setInterval(() => send({ type: 'heartbeat' }), HEARTBEAT_MS)
  child.once('exit', () => clearInterval(heartbeat))
  let lastId = 0
  return {
    relay: { host: '127.0.0.1', port: relayPort },
    pid: child.pid ?? 0,
    makeSafe: () => {
      const id = ++lastId
      const proof = awaitReport<SupervisorReport, SafeStateProof>(
        child,
        'supervisor',
        evidenceFolder,
        SAFE_MS,
        (report) => (report.type === 'safe' && report.id === id ? report.proof : undefined),
      )
      send({ type: 'make-safe', id })
      return proof
    },
    close: async () => {
      send({ type: 'close' })
      await awaitExit(child, EXIT_GRACE_MS)
      clearInterval(heartbeat)
    },
  }
}
