import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { evidenceFolderFor } from '../bench/cucumber-options.js'
import type { DoctorVerdict, Finding } from '../bench/doctor/finding.js'
import { judge, judgeFact } from '../bench/doctor/finding.js'
import { noHands, personHands, plantHands, type Hands } from '../bench/doctor/hands.js'
import { examineLock } from '../bench/doctor/lock-doctor.js'
import { openLockBench, type LockBench } from '../bench/lock/lock-bench.js'
import { loadProfile } from '../bench/profile.js'
import type { Profile } from '../bench/profile-schema.js'
import { lineIterator } from '../../reference/read-lines.js'
import { targetCardSvg } from '../../reference/scanner/target-card.js'
import { examineCamera } from '../bench/doctor/camera-doctor.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'
import type { LockFlags, LockIo } from './lock-command.js'
import { BenchRunning, benchesOf, ended } from './rig-lock.js'

export interface DoctorFlags extends LockFlags {
  readonly yes?: true
  /** Measures the camera's thresholds at the target card, for the file that the profile names. */
  readonly calibrate?: true
  /** Where the target card is written first. */
  readonly targetCard?: string
}

const MARK: Readonly<Record<DoctorVerdict, string>> = {
  pass: 'pass       ',
  marginal: 'MARGINAL   ',
  fail: 'FAIL       ',
  'cannot tell': 'cannot tell',
}

/** The supervisor's own deadline, wall milliseconds. */
const SAFE_LIMIT_MS = 4_000

/**
 * `lockstep doctor`: is the bench sound? Each figure with its limit; steps that need a person are asked for at a
 * terminal, and skipped by name elsewhere.
 * @returns 0, 3 when a step failed, 4 when the safe state was not confirmed
 * @throws BenchRunning, and the errors of the rig's port
 */
export async function doctor(flags: DoctorFlags, io: LockIo): Promise<number> {
  if (flags.targetCard !== undefined) {
    writeFileSync(flags.targetCard, targetCardSvg())
    io.tell(`the target card is ${flags.targetCard}: show it full-screen, or print it at 100 %`)
  }
  const profile = loadProfile(flags.rig)
  const calibrateTo = flags.calibrate && calibrationFileOf(profile, flags.rig)
  const [running] = await benchesOf(profile)
  if (running) throw new BenchRunning(running)
  const evidence = resolve(evidenceFolderFor('evidence', `${profile.rig}-doctor`, new Date()))
  const findings: Finding[] = []
  const tell = (finding: Finding) => {
    findings.push(finding)
    if (!flags.json) io.out(describe(finding))
  }
  const patience = 1 / Math.min(1, profile.lock.timeScale)
  const bench = await openLockBench(profile, evidence)
  const hands = handsFor(bench, flags, io)
  let confirmed = false
  try {
    const walk = async () => {
      const say = (line: string) => io.tell(line)
      await examineCamera(profile, hands.hands, { say, ...(calibrateTo && { calibrateTo }) }, tell)
      await examineLock(bench, hands.hands, patience, tell)
    }
    await Promise.race([walk(), ended(io.stop, bench)])
  } catch (error) {
    const note = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    tell({ step: 'walk-through', verdict: 'fail', note })
  } finally {
    hands.close()
    const startedAt = performance.now()
    const proof = await bench.close()
    confirmed = proof.confirmed
    tell(judgeFact('safe state, read back', confirmed, 'no supply, no current', proof.problem ?? undefined))
    tell(
      judge('safe state within', performance.now() - startedAt, {
        unit: 'ms',
        most: SAFE_LIMIT_MS * patience,
      }),
    )
  }
  const worst = worstOf(findings)
  if (flags.json) io.out(`${JSON.stringify({ rig: profile.rig, verdict: worst, findings, evidence })}\n`)
  else io.out(`\n${profile.rig}: ${worst}; ${count(findings)}; evidence in ${evidence}\n`)
  if (!confirmed) return EXIT['safe-state']
  return worst === 'fail' ? EXIT.rig : EXIT.passed
}

/** @throws UsageError */
function calibrationFileOf({ camera }: Profile, rig: string): string {
  if (camera.calibration !== undefined) return camera.calibration
  throw new UsageError(
    `the profile ${rig} names no file for its camera's calibration; put \`calibration: FILE\` below \`camera\``,
  )
}

function handsFor(bench: LockBench, flags: DoctorFlags, io: LockIo): { hands: Hands; close(): void } {
  if (bench.virtual) return { hands: plantHands(bench.virtual), close: () => undefined }
  if (flags.yes || flags.json || !process.stdin.isTTY) {
    io.tell(
      `nobody is asked: steps that need a person are skipped${flags.yes ? '' : ', and so are those that move the bolt (--yes lets it move)'}`,
    )
    return { hands: noHands(flags.yes === true), close: () => undefined }
  }
  const answers = lineIterator(process.stdin)
  const question = async (text: string) => {
    process.stderr.write(text)
    return (await answers.next()).value
  }
  return { hands: personHands({ question }), close: () => process.stdin.destroy() }
}

function describe({ step, verdict, figure, limit, note }: Finding): string {
  const measured = [figure, limit && `(${limit})`].filter(Boolean).join(' ')
  return `${MARK[verdict]}  ${step}${measured ? `: ${measured}` : ''}${note ? `\n             ${note}` : ''}\n`
}

/** A step that cannot be told counts for nothing: the verdict is about what was measured. */
function worstOf(findings: readonly Finding[]): DoctorVerdict {
  const order: readonly DoctorVerdict[] = ['fail', 'marginal', 'pass']
  return order.find((verdict) => findings.some((finding) => finding.verdict === verdict)) ?? 'cannot tell'
}

function count(findings: readonly Finding[]): string {
  return (Object.keys(MARK) as DoctorVerdict[])
    .map((verdict) => `${findings.filter((finding) => finding.verdict === verdict).length} ${verdict}`)
    .join(', ')
}
