import type { Canvas } from '@napi-rs/canvas'
import { openIsoTp } from '../can/iso-tp-link.js'
import type { DbcMessage } from '../can/dbc-model.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { CanBus, ReceivedCanFrame } from '../ports/can-bus.js'
import type { EventLog } from '../ports/event-log.js'
import type { RunningParty } from '../ports/party.js'
import { busTiming, type BusTiming } from './bus-timing.js'
import { FrameProtection } from './frame-protection.js'
import { GuardedReception } from './guarded-reception.js'
import { LabelReception } from './label-reception.js'
import { ackFrame, type AckResult, type PlanInfo } from './parking-frames.js'
import { PlanAssembly, type HeadUnitScreen } from './plan-assembly.js'
import { wallSchedule, type ReceptionHealth, type Schedule } from './reception-guard.js'
import { drawScreen } from './screen-picture.js'

export interface HeadUnitConfig {
  readonly timing?: Partial<BusTiming>
}

export interface HeadUnitDeps {
  /** This node's end of the bus; it stays open when the head unit closes. */
  readonly bus: CanBus
  readonly log: EventLog
  /** Runs the deadlines of the cycles; wall time unless told. */
  readonly schedule?: Schedule
}

/** The central-control screen (REQ-03): it knows only what comes over the bus, and shows only what is valid. */
export interface HeadUnit extends RunningParty {
  /** What is displayed. */
  screen(): HeadUnitScreen
  /** What is displayed as a PNG, 1024 × 600. */
  picture(): Buffer
  /** How the reception of each message stands, and which faults it has seen. */
  health(): readonly ReceptionHealth[]
  /** Called after the screen has been drawn anew. @returns unsubscribe */
  onChange(listener: (screen: HeadUnitScreen) => void): () => void
}

type Part = Parameters<PlanAssembly['invalidate']>[0]
const PARTS = new Map<DbcMessage, Part>([
  [parkingBus.latitude, 'latitude'],
  [parkingBus.longitude, 'longitude'],
  [parkingBus.progress, 'progress'],
  [parkingBus.info, 'info'],
])

/** Starts the head unit on its node of the bus. */
export async function startHeadUnit(
  config: HeadUnitConfig,
  { bus, log, schedule = wallSchedule }: HeadUnitDeps,
): Promise<HeadUnit> {
  const timing = busTiming(config.timing)
  const assembly = new PlanAssembly()
  const protection = new FrameProtection()
  const listeners = new Set<(screen: HeadUnitScreen) => void>()
  let displayed: { readonly screen: HeadUnitScreen; readonly canvas: Canvas } = {
    screen: assembly.screen,
    canvas: drawScreen(assembly.screen),
  }
  let closed = false

  /** Brings the assembled plan to the screen. @returns whether it is there */
  function display(): boolean {
    const { screen } = assembly
    if (JSON.stringify(screen) === JSON.stringify(displayed.screen)) return true
    try {
      displayed = { screen, canvas: drawScreen(screen) }
    } catch (error) {
      log.record('screen-not-drawn', { reason: (error as Error).message })
      return false
    }
    log.record('screen-changed', { ...screen })
    for (const listener of [...listeners]) listener(screen)
    return true
  }

  const reception = new GuardedReception({
    messages: [...PARTS.keys()],
    cycleMs: timing.cycleMs,
    schedule,
    log,
    onState: (message, state) => {
      const part = PARTS.get(message)
      if (state !== 'invalid' || part === undefined) return
      assembly.invalidate(part)
      display()
    },
  })
  const labelReception = new LabelReception(log)

  function acknowledge(info: PlanInfo, result: AckResult): void {
    const { screen } = assembly
    const shownStep = screen.shows === 'plan' ? screen.unlockStep : 'requested'
    const ack = { planSequence: info.planSequence, shownState: info.state, shownStep, result }
    bus.send(protection.protect(ackFrame(ack))).catch((error: unknown) => {
      if (!closed) log.record('ack-not-sent', { reason: (error as Error).message })
    })
  }

  function acceptInfo(info: PlanInfo): void {
    const result = assembly.acceptInfo(info)
    const drawn = display()
    acknowledge(info, drawn ? result : 'not-drawn')
  }

  function acceptFrame(frame: ReceivedCanFrame): void {
    const checked = reception.accept(frame)
    if (!checked) return
    const { message, valid } = checked
    if (!valid) {
      if (message.kind === 'info') acknowledge(message, 'not-valid')
      return
    }
    switch (message.kind) {
      case 'latitude':
        return assembly.acceptLatitude(message)
      case 'longitude':
        return assembly.acceptLongitude(message)
      case 'progress':
        return assembly.acceptProgress(message)
      case 'info':
        return acceptInfo(message)
      case 'ack':
        return // our own kind of message: this reception has no guard for it
    }
  }

  const labels = openIsoTp(
    bus,
    {
      transmitId: parkingBus.labelFlowControl.id,
      receiveId: parkingBus.labelTransport.id,
      extended: parkingBus.labelTransport.extended,
    },
    { flowControlTimeoutMs: timing.transportTimeoutMs, consecutiveTimeoutMs: timing.transportTimeoutMs },
  )
  labels.onMessage((payload) => {
    const verdict = labelReception.accept(payload)
    if ('label' in verdict) assembly.acceptLabel(verdict.label)
    else if (verdict.refused === 'other') assembly.dropLabel()
  })
  labels.onFault((error) => {
    log.record('label-lost', { error: error.name, reason: error.message })
    assembly.dropLabel()
  })
  const unsubscribe = bus.onFrame(acceptFrame)
  log.record('head-unit-started')

  return {
    screen: () => displayed.screen,
    picture: () => displayed.canvas.toBuffer('image/png'),
    health: () => [...reception.health, labelReception.health],
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      reception.rest()
      unsubscribe()
      labels.close()
      listeners.clear()
    },
  }
}
