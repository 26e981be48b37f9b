import { MeasuredProcess, type Implementation } from './measured-process.js'
import type { MeasurementPlan, ReceiverFigures, SenderFigures } from './measurement.js'
import { percentile } from '../percentile.js'

export interface BusFigures {
  readonly sent: number
  readonly received: number
  /** As the receiver reports it; null where it cannot know. */
  readonly reportedLost: number | null
  /** Received, over the time between the first and the last. */
  readonly framesPerSecond: number
  readonly p50Us: number | null
  readonly p99Us: number | null
  /** Seconds of one core for each second of the measurement. */
  readonly senderCpu: number
  readonly receiverCpu: number
}

/** Where an implementation finds the bus, and whether it is one inside a process. */
export interface MeasuredBus {
  readonly address: unknown
  readonly inProcess: boolean
}

type Traffic = Omit<MeasurementPlan, 'role' | 'bus'>

function percentileUs(sortedNs: readonly number[], share: number): number | null {
  const ns = percentile(sortedNs, share)
  return ns === null ? null : ns / 1_000
}

function figuresOf(sender: SenderFigures, receiver: ReceiverFigures): BusFigures {
  const { received, seconds, latenciesNs, lost } = receiver
  return {
    sent: sender.sent,
    received,
    reportedLost: lost,
    framesPerSecond: received / seconds,
    p50Us: percentileUs(latenciesNs, 0.5),
    p99Us: percentileUs(latenciesNs, 0.99),
    senderCpu: sender.cpuSeconds / seconds,
    receiverCpu: receiver.cpuSeconds / seconds,
  }
}

/**
 * Sends traffic over a bus from one process to another, or inside one where the bus lives in it.
 * @throws MeasurementFailed
 */
export async function measureBus(
  implementation: Implementation,
  bus: MeasuredBus,
  traffic: Traffic,
): Promise<BusFigures> {
  const start = (role: MeasurementPlan['role']) =>
    new MeasuredProcess(implementation, { ...traffic, role, bus: bus.address })
  if (bus.inProcess) {
    const node = start('both')
    try {
      await node.answer()
      node.go()
      const figures = (await node.answer()) as ReceiverFigures & SenderFigures
      return figuresOf(figures, figures)
    } finally {
      await node.close()
    }
  }
  const receiver = start('receive')
  const sender = start('send')
  try {
    await Promise.all([receiver.answer(), sender.answer()])
    sender.go()
    const sent = (await sender.answer()) as SenderFigures
    const received = receiver.answer()
    await sender.endUntil(received)
    return figuresOf(sent, (await received) as ReceiverFigures)
  } finally {
    await Promise.all([sender.close(), receiver.close()])
  }
}
