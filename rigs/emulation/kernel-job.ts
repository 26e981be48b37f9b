/**
 * What is run on a kernel with CAN: `node kernel-job.js vcan|emulated [all|tests|features] [WORD]`. Ends with the worst
 * exit code of its parts. With a word, only test files whose path contains it, and no features.
 *
 * Environment: LOCKSTEP_CAN_INTERFACES, names of the interfaces under test, separated by commas: one that both nodes
 * share, or two of one bus.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { packageRoot } from '../../reference/package-root.js'
import { compiledTests } from './test-files.js'

/** The longest file takes two minutes on an emulated processor; a file that hangs must not eat the others' time. */
const FILE_MS = 480_000

interface Part {
  readonly title: string
  readonly args: readonly string[]
}

/** Tests that any kernel bus can run, those that need rights over virtual interfaces, and those of emulated adapters. */
const TESTS = {
  vcan: ['.test-kernel.ts', '.test-vcan.ts'],
  emulated: ['.test-emulated.ts', '.test-kernel.ts'],
} as const

export type KernelRig = keyof typeof TESTS

const CHOICES = ['all', 'tests', 'features'] as const
type Choice = (typeof CHOICES)[number]

function partsOf(rig: KernelRig, choice: Choice, word: string): Part[] {
  const tests: Part = {
    title: 'conformance and interoperability',
    args: [
      '--test',
      '--test-concurrency=1',
      '--test-reporter=spec',
      `--test-timeout=${FILE_MS}`,
      ...compiledTests(TESTS[rig]).filter((file) => file.includes(word)),
    ],
  }
  const features: Part = {
    title: 'features',
    args: [join(packageRoot, 'dist/rigs/cli/main.js'), 'run', '--rig', 'vcan'],
  }
  return [
    ...(choice === 'features' ? [] : [tests]),
    ...(choice === 'tests' || rig === 'emulated' || word !== '' ? [] : [features]),
  ]
}

const [rig, choice = 'all', word = ''] = process.argv.slice(2)
if (rig !== 'vcan' && rig !== 'emulated') throw new Error(`kernel-job.js vcan|emulated, not ${String(rig)}`)
if (!isChoice(choice)) throw new Error(`kernel-job.js ${rig} ${CHOICES.join('|')}, not ${choice}`)
let worst = 0
for (const { title, args } of partsOf(rig, choice, word)) {
  process.stdout.write(`\n== ${rig}: ${title}, Node ${process.version}\n`)
  const startedAt = performance.now()
  const { status, signal, error } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: packageRoot })
  if (error) throw error
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  process.stdout.write(
    `== ${rig}: ${title}: ${signal ?? (status === 0 ? 'passed' : `exit ${status}`)} in ${seconds} s\n`,
  )
  worst = Math.max(worst, status ?? 1)
}
process.exitCode = worst

function isChoice(word: string): word is Choice {
  return CHOICES.some((choice) => choice === word)
}
