import { probeSerialPort } from '../../serial/open-serial-port.js'
import type { HostAndPort } from '../board/board-client.js'
import { awaitExit, awaitReady, awaitReport, forkDetached, tell } from '../child-process/child-process.js'
import { readProof } from './proof-file.js'
import type { SafeStateProof } from './safe-state.js'
import type { SupervisedBoard } from './supervised-board.js'
import type { SupervisorReport, SupervisorRequest, SupervisorSettings } from './supervisor-messages.js'

export type { SafeStateProof } from './safe-state.js'

/** An emulated processor starts a process in seconds. */
const READY_MS = 30_000
const HEARTBEAT_MS = 250
/** Patience with a controller that says nothing, wall milliseconds. */
export const HEARTBEAT_TIMEOUT_MS = 3_000
/**
 * A runner is given longer: it is killed when it hangs, and on a host without a processor to spare (a kernel in
 * emulation, beside other work) one that was well was seen silent for over 3 s. Whoever drives the bolt is another
 * process, which the shorter time and the firmware's own guard watch.
 */
const RUNNER_TIMEOUT_MS = 10_000
/** Longer than the supervisor itself may take. */
const SAFE_MS = 8_000
const EXIT_GRACE_MS = 6_500
/** One that has reported its last proof, or has not in all that time, is only to go. */
const LEAVE_MS = 300

export interface Supervisor {
  /** The board's serial line, for one client at a time. */
  readonly relay: HostAndPort
  readonly pid: number
  /** The board's line, for people: `/dev/ttyACM0`, `virtual board at …`. */
  readonly board: string
  /** Resolves when somebody made the bench safe by hand; it stays so, and nobody may drive any more. */
  readonly safeByHand: Promise<SafeStateProof>
  /** Drops the relay's client, takes the actuator's power away and reads it back. */
  makeSafe(): Promise<SafeStateProof>
  /**
   * Makes safe for the last time, and ends the process. Whoever judges the run goes by this proof: it is what stands in
   * `safe-state.json` from now on.
   * @throws RigProcessFailed when the supervisor ended, or was ended, without a proof
   */
  close(): Promise<SafeStateProof>
}

/**
 * Starts the process that owns the board's line.
 * @param options.uart the board's line; a serial port is looked at first, so that what is wrong with it has its name
 * @param options.rig the rig's name, by which `lockstep safe` finds the bench
 * @param options.evidenceFolder gets `safe-state.json` and the process's standard error
 * @param options.heartbeatTimeoutMs runner and controller count as hung after so long a silence, wall milliseconds; unless
 *   told, 10 s and 3 s
 * @throws RigProcessFailed, NoSuchSerialPort, SeveralSerialPorts, SerialPortForbidden, SerialPortInUse
 */
export async function startSupervisor(options: {
  readonly uart: SupervisedBoard
  readonly rig: string
  readonly evidenceFolder: string
  readonly heartbeatTimeoutMs?: number
}): Promise<Supervisor> {
  const { uart, rig, evidenceFolder } = options
  if ('serial' in uart) await probeSerialPort(uart.serial)
  const settings: SupervisorSettings = {
    rig,
    board: uart,
    evidenceFolder,
    heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? HEARTBEAT_TIMEOUT_MS,
    runnerTimeoutMs: options.heartbeatTimeoutMs ?? RUNNER_TIMEOUT_MS,
  }
  const module = new URL('./supervisor-process.js', import.meta.url)
  const child = forkDetached('supervisor', module, settings, evidenceFolder)
  const send = (request: SupervisorRequest) => tell(child, request)
  const safeByHand = new Promise<SafeStateProof>((resolve) => {
    child.on('message', (report: SupervisorReport) => {
      if (report.type === 'safe-by-hand') resolve(report.proof)
    })
  })
  const { relayPort, board } = await awaitReady<
    SupervisorReport,
    Extract<SupervisorReport, { type: 'ready' }>
  >(child, 'supervisor', evidenceFolder, READY_MS, (report) => (report.type === 'ready' ? report : undefined))
  const heartbeat = setInterval(() => send({ type: 'heartbeat' }), HEARTBEAT_MS)
  child.once('exit', () => clearInterval(heartbeat))
  let lastId = 0
  let closed: Promise<SafeStateProof> | undefined
  const close = async () => {
    const askedAt = new Date().toISOString()
    const proof = awaitReport<SupervisorReport, SafeStateProof>(
      child,
      'supervisor',
      evidenceFolder,
      EXIT_GRACE_MS,
      (report) => (report.type === 'closed' ? report.proof : undefined),
    ).catch((error: unknown) => {
      // It may have been ended between the proof and its report: the file is what the proof is.
      const written = readProof(evidenceFolder)
      if (written?.confirmed && written.startedAt >= askedAt) return written
      throw error
    })
    proof.catch(() => undefined) // awaited below
    send({ type: 'close' })
    try {
      return await proof
    } finally {
      await awaitExit(child, LEAVE_MS)
      clearInterval(heartbeat)
    }
  }
  return {
    relay: { host: '127.0.0.1', port: relayPort },
    pid: child.pid ?? 0,
    board,
    safeByHand,
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
    close: () => (closed ??= close()),
  }
}
