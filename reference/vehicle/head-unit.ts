import type { Canvas } from '@napi-rs/canvas'
import { openIsoTp } from '../can/iso-tp-link.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { CanBus, ReceivedCanFrame } from '../ports/can-bus.js'
import type { EventLog } from '../ports/event-log.js'
import type { RunningParty } from '../ports/party.js'
import { DEFAULT_BUS_TIMING, MISSED_CYCLES_LIMIT, type BusTiming } from './bus-timing.js'
import {
  ackFrame,
  readParkingFrame,
  type AckResult,
  type ParkingMessage,
  type PlanInfo,
} from './parking-frames.js'
import { decodeParkingLabel } from './parking-label.js'
import { PlanAssembly, type HeadUnitScreen } from './plan-assembly.js'
import { drawScreen } from './screen-picture.js'

export interface HeadUnitConfig {
  readonly timing?: Partial<BusTiming>
}

export interface HeadUnitDeps {
  /** This node's end of the bus; it stays open when the head unit closes. */
  readonly bus: CanBus
  readonly log: EventLog
}

/** The central-control screen (REQ-03): it knows only what comes over the bus. */
export interface HeadUnit extends RunningParty {
  /** What is displayed. */
  screen(): HeadUnitScreen
  /** What is displayed as a PNG, 1024 × 600. */
  picture(): Buffer
  /** Called after the screen has been drawn anew. @returns unsubscribe */
  onChange(listener: (screen: HeadUnitScreen) => void): () => void
}

/** Starts the head unit on its node of the bus. */
export async function startHeadUnit(config: HeadUnitConfig, { bus, log }: HeadUnitDeps): Promise<HeadUnit> {
  const timing = { ...DEFAULT_BUS_TIMING, ...config.timing }
  const assembly = new PlanAssembly()
  const listeners = new Set<(screen: HeadUnitScreen) => void>()
  let displayed: { readonly screen: HeadUnitScreen; readonly canvas: Canvas } = {
    screen: assembly.screen,
    canvas: drawScreen(assembly.screen),
  }
  let silence: NodeJS.Timeout | undefined
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

  function awaitNextCycle(): void {
    clearTimeout(silence)
    silence = setTimeout(() => {
      log.record('plan-cycle-lost', { missedCycles: MISSED_CYCLES_LIMIT })
      assembly.invalidate()
      display()
    }, MISSED_CYCLES_LIMIT * timing.cycleMs)
  }

  function acknowledge(info: PlanInfo, result: AckResult): void {
    const frame = ackFrame({ planSequence: info.planSequence, shownState: info.state, result })
    bus.send(frame).catch((error: unknown) => {
      if (!closed) log.record('ack-not-sent', { reason: (error as Error).message })
    })
  }

  function acceptInfo(info: PlanInfo): void {
    const result = assembly.acceptInfo(info)
    if (result === 'repeated') return log.record('frame-refused', { reason: 'alive counter repeated' })
    const drawn = display()
    if (result === 'shown') awaitNextCycle()
    acknowledge(info, drawn ? result : 'not-drawn')
  }

  function acceptFrame(frame: ReceivedCanFrame): void {
    let message: ParkingMessage | undefined
    try {
      message = readParkingFrame(frame)
    } catch (error) {
      return log.record('frame-refused', { reason: (error as Error).message })
    }
    if (message?.kind === 'position') assembly.acceptPosition(message.point)
    else if (message?.kind === 'info') acceptInfo(message)
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
    try {
      assembly.acceptLabel(decodeParkingLabel(payload))
    } catch (error) {
      log.record('label-refused', { reason: (error as Error).message })
    }
  })
  labels.onFault((error) => log.record('label-lost', { error: error.name, reason: error.message }))
  const unsubscribe = bus.onFrame(acceptFrame)
  log.record('head-unit-started')

  return {
    screen: () => displayed.screen,
    picture: () => displayed.canvas.toBuffer('image/png'),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      clearTimeout(silence)
      unsubscribe()
      labels.close()
      listeners.clear()
    },
  }
}
