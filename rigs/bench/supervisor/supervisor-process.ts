import { connect, type Socket } from 'node:net'
import { lockPinMap } from '../../pin-map.js'
import type { SafeStateReason } from './safe-state.js'
import type { SupervisorReport, SupervisorRequest, SupervisorSettings } from './supervisor-messages.js'
import { Supervisor } from './supervisor.js'

/**
 * The supervisor as a process of its own: it holds the board's line, and outlives a runner that is killed for as long
 * as the safe state takes. No johnny-five here: this process must not fail with what it guards against.
 */

/** Whatever happens, the process is gone after this, wall milliseconds: when asked to end, and as an orphan. */
const LEAVE_AT_MOST_MS = 6_000
const ORPHANED_AT_MOST_MS = 3_000

const settings = JSON.parse(process.argv[2] ?? '{}') as SupervisorSettings

function report(message: SupervisorReport): void {
  if (process.connected) process.send?.(message, () => {})
}

function connectBoard(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: settings.uartHost, port: settings.uartPort, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket.off('error', reject)))
  })
}

function serve(supervisor: Supervisor): void {
  let leaving = false
  const leave = (reason: SafeStateReason) => {
    if (leaving) return
    leaving = true
    setTimeout(() => process.exit(4), reason === 'asked' ? LEAVE_AT_MOST_MS : ORPHANED_AT_MOST_MS)
    void supervisor.makeSafe(reason).then((proof) => {
      supervisor.close()
      process.exit(proof.confirmed ? 0 : 4)
    })
  }
  let heartbeats = 0
  const watchdog = setTimeout(() => {
    const seen = heartbeats
    // Timers run before waiting messages are read: look once more before the runner is given up.
    setImmediate(() => (heartbeats === seen ? leave('runner-lost') : watchdog.refresh()))
  }, settings.heartbeatTimeoutMs)
  process.on('message', (request: SupervisorRequest) => {
    heartbeats++
    watchdog.refresh()
    if (request.type === 'make-safe') {
      void supervisor.makeSafe('asked').then((proof) => report({ type: 'safe', id: request.id, proof }))
    } else if (request.type === 'close') {
      leave('asked')
    }
  })
  process.on('disconnect', () => leave('runner-lost'))
  process.on('SIGTERM', () => leave('terminated'))
  process.on('SIGINT', () => leave('terminated'))
  if (!process.connected) leave('runner-lost')
}

try {
  const supervisor = new Supervisor(await connectBoard(), lockPinMap, settings.evidenceFolder)
  const relayPort = await supervisor.listen()
  serve(supervisor)
  report({ type: 'ready', relayPort })
} catch (error) {
  report({
    type: 'failed',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  })
  process.exitCode = 1
  process.disconnect?.()
}
