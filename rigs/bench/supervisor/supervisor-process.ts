import { lockPinMap } from '../../pin-map.js'
import { processStart } from '../child-process/process-identity.js'
import { onLastResort } from '../child-process/last-resort.js'
import { announceBench, controlPath } from './bench-registry.js'
import { serveControl } from './control-server.js'
import type { SafeStateReason } from './safe-state.js'
import { SilenceWatch } from './silence-watch.js'
import { openBoardLine } from './supervised-board.js'
import type { SupervisorReport, SupervisorRequest, SupervisorSettings } from './supervisor-messages.js'
import { Supervisor } from './supervisor.js'
import { recordFault } from '../../../reference/ports/fault-record.js'

/**
 * The supervisor as a process of its own: it holds the board's line, and outlives a runner that is killed for as long
 * as the safe state takes. No johnny-five here: this process must not fail with what it guards against.
 */

/** Whatever happens, the process is gone after this, wall milliseconds: when asked to end, and as an orphan. */
const LEAVE_AT_MOST_MS = 6_000
const ORPHANED_AT_MOST_MS = 3_000

const settings = JSON.parse(process.argv[2] ?? '{}') as SupervisorSettings
const runnerPid = process.ppid

function report(message: SupervisorReport): void {
  if (process.connected) process.send?.(message, () => {})
}

/** A runner whose event loop stands will not end by itself, and its job would wait for ever. */
function endHungRunner(): void {
  if (process.ppid !== runnerPid) return // it has ended, and its number may be another's
  try {
    process.kill(runnerPid, 'SIGKILL')
  } catch {
    // It has ended just now.
  }
}

function serve(supervisor: Supervisor, withdraw: () => void): void {
  let leaving = false
  const end = (code: number) => {
    try {
      withdraw()
    } finally {
      process.exit(code)
    }
  }
  const leave = (reason: SafeStateReason) => {
    if (leaving) return
    leaving = true
    setTimeout(() => end(4), reason === 'asked' ? LEAVE_AT_MOST_MS : ORPHANED_AT_MOST_MS)
    void supervisor.makeSafeForGood(reason).then((proof) => {
      supervisor.close()
      if (reason === 'runner-hung') endHungRunner()
      const code = !proof.confirmed ? 4 : reason === 'supervisor-failed' ? 3 : 0
      if (!process.connected) return end(code)
      process.send?.({ type: 'closed', proof } satisfies SupervisorReport, () => end(code))
    })
  }
  onLastResort(() => leave('supervisor-failed'))
  const runnerSpeaks = new SilenceWatch(settings.runnerTimeoutMs, () => leave('runner-hung'))
  process.on('message', (request: SupervisorRequest) => {
    runnerSpeaks.heard()
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

/** Opens the control socket and announces the bench. @returns takes both back */
async function becomeKnown(supervisor: Supervisor, board: string): Promise<() => void> {
  const path = controlPath()
  const control = await serveControl(path, {
    makeSafeByHand: async () => {
      const proof = await supervisor.makeSafeByHand()
      report({ type: 'safe-by-hand', proof })
      return proof
    },
    status: () => supervisor.status(),
    onChange: (listener) => supervisor.onChange(listener),
  })
  const forget = announceBench({
    rig: settings.rig,
    board,
    pid: process.pid,
    startTicks: processStart(process.pid),
    runnerPid,
    since: new Date().toISOString(),
    evidenceFolder: settings.evidenceFolder,
    control: path,
  })
  return () => {
    control.close()
    forget()
  }
}

try {
  const { stream, name } = await openBoardLine(settings.board)
  const supervisor = new Supervisor(stream, lockPinMap, settings.evidenceFolder, settings.heartbeatTimeoutMs)
  const relayPort = await supervisor.listen()
  serve(supervisor, await becomeKnown(supervisor, name))
  report({ type: 'ready', relayPort, board: name })
} catch (error) {
  report({ type: 'failed', fault: recordFault(error) })
  process.exitCode = 1
  process.disconnect?.()
}
