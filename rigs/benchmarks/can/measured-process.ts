import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { lineIterator } from '../../../reference/read-lines.js'
import { packageRoot } from '../../../reference/package-root.js'
import { join } from 'node:path'
import type { MeasurementPlan } from './measurement.js'

/** A process under measurement did not do what it was to. */
export class MeasurementFailed extends Error {
  override readonly name = 'MeasurementFailed'
}

export type Implementation = 'lockstep' | 'python-can'

const ANSWER_MS = 180_000
const END_REPEAT_MS = 100

const NODE_PROCESS = fileURLToPath(new URL('node-process.js', import.meta.url))
const PYTHON_PROCESS = join(packageRoot, 'rigs/benchmarks/can/python-can-node.py')
/** Debian's own: packages of its repositories are for this one. */
export const PYTHON = '/usr/bin/python3'

/** A node of one implementation in a process of its own. */
export class MeasuredProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: AsyncIterator<string, undefined>
  readonly #name: string

  constructor(implementation: Implementation, plan: MeasurementPlan) {
    const [command, script] =
      implementation === 'lockstep' ? [process.execPath, NODE_PROCESS] : [PYTHON, PYTHON_PROCESS]
    this.#name = `${implementation} (${plan.role})`
    this.#child = spawn(command, [script, JSON.stringify(plan)], { stdio: ['pipe', 'pipe', 'inherit'] })
    // It may end before it is told the end: its exit is what counts.
    this.#child.stdin.on('error', () => undefined)
    this.#answers = lineIterator(this.#child.stdout)
  }

  /** @throws MeasurementFailed when the process ends, or says nothing, instead */
  async answer(): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new MeasurementFailed(`${this.#name} said nothing for ${ANSWER_MS / 1_000} s`)),
        ANSWER_MS,
      )
    })
    try {
      const line = await Promise.race([this.#answers.next(), late])
      if (line.done) throw new MeasurementFailed(`${this.#name} ended early; see its error above`)
      return JSON.parse(line.value)
    } finally {
      clearTimeout(timer)
    }
  }

  go(): void {
    this.#child.stdin.write('\n')
  }

  /** Has the sender send frames that end the measurement, until the receiver has answered: one may be lost. */
  async endUntil(answered: Promise<unknown>): Promise<void> {
    const timer = setInterval(() => this.go(), END_REPEAT_MS)
    this.go()
    try {
      await answered
    } finally {
      clearInterval(timer)
    }
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await once(this.#child, 'exit')
    clearTimeout(timer)
  }
}
