import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { PlantFault } from '../../simulated/lock-plant/plant-faults.js'
import { openLockBench } from '../lock/lock-bench.js'
import { loadProfile } from '../profile.js'
import type { SafeStateProof } from '../supervisor/safe-state.js'
import { judge, type DoctorVerdict, type Finding } from './finding.js'
import { noHands, plantHands, type Hands } from './hands.js'
import { examineLock } from './lock-doctor.js'

const STUCK = { timeout: 120_000 }

interface Examined {
  readonly findings: readonly Finding[]
  readonly proof: SafeStateProof
  readonly verdictOf: (step: string) => DoctorVerdict | undefined
}

/** A virtual rig's lock, with something wrong with it, before the doctor. */
async function examined(
  t: TestContext,
  rig: string,
  faults: readonly PlantFault[],
  hands?: Hands,
): Promise<Examined> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
  t.after(() => rm(folder, { recursive: true }))
  const bench = await openLockBench({ ...loadProfile(rig), rig: `doctor-${process.pid}` }, folder)
  const { virtual } = bench
  assert.ok(virtual)
  const findings: Finding[] = []
  let proof: SafeStateProof
  try {
    for (const fault of faults) await virtual.inject(fault)
    await examineLock(bench, hands ?? plantHands(virtual), 1, (finding) => findings.push(finding))
  } finally {
    proof = await bench.close()
  }
  return { findings, proof, verdictOf: (step) => findings.find((finding) => finding.step === step)?.verdict }
}

test('a figure near its limit is marginal, beyond it a failure, and nothing measured never passes', () => {
  const verdict = (value: number) => judge('x', value, { unit: 'V', least: 7, most: 10, margin: 0.1 }).verdict
  assert.deepEqual([6.9, 7.5, 8.5, 9.5, 10.1, NaN, Infinity].map(verdict), [
    ...['fail', 'marginal', 'pass', 'marginal', 'fail', 'fail', 'fail'],
  ])
})

test('a sound bench with our own firmware passes everything that can be measured', STUCK, async (t) => {
  const { findings, proof, verdictOf } = await examined(t, 'virtual', [])
  const bad = findings.filter(({ verdict }) => verdict === 'fail' || verdict === 'marginal')
  assert.deepEqual(bad, [])
  assert.equal(proof.confirmed, true)
  for (const step of [
    'firmware',
    'power off after the last heartbeat',
    'travel up',
    'travel down',
    'vehicle sensor',
    'tamper contact',
  ]) {
    assert.equal(verdictOf(step), 'pass', step)
  }
})

test('under StandardFirmata what it cannot promise is told, and counts as no pass', STUCK, async (t) => {
  const { findings, verdictOf } = await examined(t, 'virtual-standard-firmata', [])
  assert.equal(verdictOf('firmware'), 'pass')
  assert.equal(verdictOf('power off after the last heartbeat'), 'cannot tell')
  const untold = findings
    .filter(({ verdict }) => verdict === 'cannot tell')
    .map(({ step, note }) => `${step}: ${note}`)
  const told = untold.join('\n')
  for (const lack of [/no host watchdog/, /stays HIGH/, /D2–D13 OUTPUT LOW/, /brown-out/])
    assert.match(told, lack)
})

test('what is broken is found, by name', STUCK, async (t) => {
  const cases: readonly (readonly [string, readonly PlantFault[], string])[] = [
    ['a jam', [{ kind: 'jam', degrees: 70 }], 'servo reaches down'],
    ['a stuck switch', [{ kind: 'limit-stuck-closed', limit: 'down' }], 'limit switches'],
    ['a cut servo signal', [{ kind: 'servo-signal-cut' }], 'servo reaches down'],
    ['a cut tamper wire', [{ kind: 'tampered' }], 'tamper contact'],
    ['a short at the current sensor', [{ kind: 'adc-short', channel: 'motorCurrent' }], 'current at rest'],
    ['an empty battery', [{ kind: 'battery-charge', charge: 0.02 }], 'battery at rest'],
  ]
  for (const [what, faults, step] of cases) {
    await t.test(what, async (t) => {
      const { findings, verdictOf } = await examined(t, 'virtual', faults)
      assert.notEqual(
        verdictOf(step),
        'pass',
        JSON.stringify(findings.find((finding) => finding.step === step)),
      )
      assert.notEqual(verdictOf(step), undefined)
    })
  }
})

test('a welded relay is not confirmed as safe', STUCK, async (t) => {
  const { proof, verdictOf } = await examined(t, 'virtual', [{ kind: 'relay-welded' }])
  assert.equal(proof.confirmed, false)
  assert.match(proof.problem ?? '', /welded/)
  assert.notEqual(verdictOf('relay opens (down)'), 'pass')
})

test(
  'without hands and without leave to move, those steps are skipped by name, and nothing moves',
  STUCK,
  async (t) => {
    const { findings, verdictOf } = await examined(t, 'virtual', [], noHands(false))
    for (const step of ['vehicle sensor', 'tamper contact', 'servo reaches up', 'relay']) {
      assert.equal(verdictOf(step), 'cannot tell', step)
    }
    assert.equal(
      findings.some(({ verdict }) => verdict === 'fail'),
      false,
    )
  },
)
