/** What is measured on the board's line itself, before the driver takes it. */
import { firmata } from '../../drivers/arduino/firmata-wire.js'
import {
  boardTimeBetween,
  guardStatusIn,
  latchedCutOff,
  LOCKSTEP_FIRMWARE,
  lockstep,
  type GuardStatus,
} from '../../drivers/arduino/lockstep-wire.js'
import type { PinMap } from '../../pin-map.js'
import { ANSWER_MS, type DoctorLine } from './doctor-line.js'
import { describeCutOff } from '../lock/lock-readings.js'
import { cannotTell, judge, judgeFact, type Finding } from './finding.js'

const QUESTIONS = 100

/** The median of a virtual board is 2–3 ms, of an Uno over USB 4–5 ms: beyond these a stop comes late. */
const MEDIAN_LIMIT_MS = 50
const SLOWEST_LIMIT_MS = 250

/** The promise of the guard, and its relay's contact beside it. */
const HEARTBEAT_LIMIT_MS = 500

/** Round trips of a question that the firmware answers at once. */
export async function measureLatency(line: DoctorLine, patience: number): Promise<Finding[]> {
  const times: number[] = []
  for (let i = 0; i < QUESTIONS; i++) {
    const askedAt = performance.now()
    await line.ask('an answer to a version request', firmata.askVersion(), (message) =>
      message.type === 'version' ? true : undefined,
    )
    times.push(performance.now() - askedAt)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Infinity
  return [
    judge(`latency, median of ${QUESTIONS}`, at(0.5), {
      unit: 'ms',
      most: MEDIAN_LIMIT_MS * patience,
      digits: 1,
    }),
    judge('latency, 99th percentile', at(0.99), { unit: 'ms', most: SLOWEST_LIMIT_MS * patience, digits: 1 }),
  ]
}

/** Whether the board holds a cut-off of its own, which somebody has to look at and re-arm. */
export async function findLatch(line: DoctorLine, firmware: string, patience: number): Promise<Finding> {
  const step = 'no cut-off latched'
  if (firmware !== LOCKSTEP_FIRMWARE) return cannotTell(step, `${firmware} has no protections`)
  const status = await line.ask(
    'the status of the guard',
    lockstep.askStatus(),
    guardStatusIn,
    ANSWER_MS * patience,
  )
  const cutOff = latchedCutOff(status)
  if (!cutOff) return judgeFact(step, true, 'none')
  return { step, verdict: 'fail', limit: 'none', note: describeCutOff(cutOff) }
}

/**
 * Supplies the actuator without pulses, falls silent, and looks when the firmware takes the power away: by the board's
 * own clock. The latch is lifted afterwards.
 */
export async function tryHeartbeatGuard(
  line: Pick<DoctorLine, 'ask' | 'write'>,
  firmware: string,
  pins: PinMap,
  patience: number,
): Promise<Finding> {
  const step = 'power off after the last heartbeat'
  if (firmware !== LOCKSTEP_FIRMWARE) return cannotTell(step, `${firmware} has no host watchdog`)
  const status = (what: string, bytes: readonly number[], isIt: (status: GuardStatus) => boolean) =>
    line.ask(
      what,
      bytes,
      (message) => {
        const found = guardStatusIn(message)
        return found && isIt(found) ? found : undefined
      },
      ANSWER_MS * patience,
    )
  const before = await status('the status of the guard', lockstep.askStatus(), () => true)
  const armed = await status('an armed guard', lockstep.arm(before.cuts), ({ armed }) => armed)
  line.write([
    ...firmata.setPinMode(pins.relay.pin, 'output'),
    ...firmata.setDigitalPin(pins.relay.pin, true),
  ])
  const cut = await status('a cut-off by the firmware', [], ({ latched }) => latched)
  await status(
    'the end of the latch',
    [...lockstep.arm(cut.cuts), ...lockstep.disarm()],
    ({ armed }) => !armed,
  )
  if (cut.cause !== 'heartbeat-lost') {
    return { step, verdict: 'fail', figure: `cut for ${cut.cause} first`, limit: 'cut for the silence alone' }
  }
  return judge(step, boardTimeBetween(armed.boardMs, cut.cutAtMs), {
    unit: 'hardware ms',
    most: HEARTBEAT_LIMIT_MS,
    margin: 0,
  })
}
