import type { HardwareSample, LockHardware } from '../../../reference/ports/lock-hardware.js'
import { lockPinMap } from '../../pin-map.js'
import type { LockBench } from '../lock/lock-bench.js'
import { moveBolt } from '../lock/move-bolt.js'
import { cannotTell, judge, judgeFact, type Finding } from './finding.js'
import { judgeFirmware } from './firmware-steps.js'
import type { Hands, HandsTask } from './hands.js'
import { DoctorLine } from './doctor-line.js'
import { findLatch, measureLatency, tryHeartbeatGuard } from './line-steps.js'
import { judgeRest, judgeTravel, recordTravel } from './travel-steps.js'

/** How long a switch that somebody has just worked may take to show, hardware milliseconds. */
const SWITCH_HARDWARE_MS = 1_000
const RATE_HARDWARE_MS = 500

const MOTION_STEPS = [
  'power off after the last heartbeat',
  'servo reaches up',
  'servo reaches down',
  'relay',
  'motor current',
]

/**
 * Walks through a rig's lock: line, firmware, sensors at rest, both travels, each switch. The caller's close proves the
 * safe state afterwards.
 * @param tell gets each finding as soon as it is there
 * @throws RigFault when the board is lost on the way
 */
export async function examineLock(
  bench: LockBench,
  hands: Hands,
  patience: number,
  tell: (finding: Finding) => void,
): Promise<void> {
  const report = (findings: Finding | readonly Finding[]) => [findings].flat().forEach(tell)
  let mayMove = await hands.clear()

  const line = await DoctorLine.open(bench.supervisor.relay)
  try {
    const firmware = await line.awaitFirmware(patience)
    report(await measureLatency(line, patience))
    const latch = await findLatch(line, firmware, patience)
    report(latch)
    // What the board has cut must be looked at first: nothing here may lift the latch on the way.
    if (latch.verdict === 'fail') mayMove = false
    if (mayMove) report(await tryHeartbeatGuard(line, firmware, lockPinMap, patience))
  } finally {
    line.close()
  }

  const hardware = await bench.connect()
  report(judgeFirmware(hardware.identity, bench.virtual?.firmwareSha256))
  report(await measureRate(hardware))
  report(judgeRest(hardware.sample))
  if (mayMove) report(await examineTravels(hardware))
  else report(MOTION_STEPS.map((step) => cannotTell(step, 'skipped: the bolt may not move')))
  const vehicle = (sample: HardwareSample) => sample.vehiclePresent
  report(await examineSwitch(hardware, hands, 'vehicle sensor', vehicle, ['vehicle comes', 'vehicle leaves']))
  const tamper = (sample: HardwareSample) => sample.tampered
  report(await examineSwitch(hardware, hands, 'tamper contact', tamper, ['housing opens', 'housing closes']))
  report(
    cannotTell(
      'emergency stop and external watchdog',
      'they act on the supply without the board: press the stop during a travel, and see the bolt stop (docs/lock-wiring.md)',
    ),
  )
}

async function measureRate(hardware: LockHardware): Promise<Finding> {
  const from = hardware.sample.hardwareMs
  let samples = 0
  const stop = hardware.onSample(() => samples++)
  await sampleWhere(hardware, ({ hardwareMs }) => hardwareMs >= from + RATE_HARDWARE_MS, RATE_HARDWARE_MS * 2)
  stop()
  return judge('samples', (samples * 1_000) / RATE_HARDWARE_MS, { unit: 'per hardware second', least: 50 })
}

/** Both travels, from wherever the bolt stands; it ends where it stood, or down when that was unknown. */
async function examineTravels(hardware: LockHardware): Promise<Finding[]> {
  const { limitUp, limitDown } = hardware.sample
  if (limitUp === limitDown) await moveBolt(hardware, 'down')
  const first = hardware.sample.limitUp ? 'down' : 'up'
  const findings: Finding[] = []
  for (const target of [first, first === 'up' ? 'down' : 'up'] as const) {
    findings.push(...judgeTravel(await recordTravel(hardware, target, () => moveBolt(hardware, target))))
  }
  return findings
}

async function examineSwitch(
  hardware: LockHardware,
  hands: Hands,
  step: string,
  isActive: (sample: HardwareSample) => boolean,
  [on, off]: readonly [HandsTask, HandsTask],
): Promise<Finding> {
  if (isActive(hardware.sample)) {
    return {
      step,
      verdict: 'fail',
      figure: 'active',
      limit: 'inactive at first',
      note: 'a cut wire reads so, too',
    }
  }
  if (!(await hands.please(on))) return cannotTell(step, hands.absence)
  const wentOn = await sampleWhere(hardware, isActive, SWITCH_HARDWARE_MS)
  if (!(await hands.please(off))) return cannotTell(step, hands.absence)
  const wentOff = wentOn && (await sampleWhere(hardware, (sample) => !isActive(sample), SWITCH_HARDWARE_MS))
  return judgeFact(
    step,
    wentOff,
    'follows both ways',
    wentOff ? undefined : wentOn ? 'it stays active' : 'it never became active',
  )
}

/** @returns whether a sample showed it in time, by the board's clock; false too when the board was lost */
function sampleWhere(
  hardware: LockHardware,
  isSeen: (sample: HardwareSample) => boolean,
  withinHardwareMs: number,
): Promise<boolean> {
  const until = hardware.sample.hardwareMs + withinHardwareMs
  return new Promise((resolve) => {
    const end = (seen: boolean) => {
      offSample()
      offLost()
      resolve(seen)
    }
    const offSample = hardware.onSample((sample) => {
      if (isSeen(sample)) end(true)
      else if (sample.hardwareMs > until) end(false)
    })
    const offLost = hardware.onLost(() => end(false))
  })
}
