import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nextLine } from '../../../reference/read-lines.js'
import { packageRoot } from '../../../reference/package-root.js'

const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')

/** One instance of a party in a process of its own, `lockstep serve PARTY`, which can be killed and started again. */
export class PartyProcess {
  #child: ChildProcess | undefined
  #url: string | undefined
  #starting: Promise<void> | undefined
  #ending = false

  constructor(
    readonly party: 'platform' | 'cloud',
    readonly name: string,
    private readonly folder: string,
    private readonly settings: object,
    /** Where its timeline and its standard error go. */
    private readonly evidence: { readonly folder: string; readonly environment: NodeJS.ProcessEnv },
  ) {}

  /** Undefined while nobody can connect there. */
  get url(): string | undefined {
    return this.#url
  }

  /** Resolves when it serves. A start that fails, as when its store is away, is tried again until the end. */
  start(): Promise<void> {
    this.#starting ??= this.#startUntilReady().finally(() => (this.#starting = undefined))
    return this.#starting
  }

  /** `kill -9`; resolves when it is dead. */
  async kill(): Promise<void> {
    this.#url = undefined
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async end(): Promise<void> {
    this.#ending = true
    await this.kill()
    await this.#starting
  }

  async #startUntilReady(): Promise<void> {
    while (!this.#ending && !(await this.#startOnce()));
  }

  async #startOnce(): Promise<boolean> {
    const file = join(this.folder, `${this.name}.yaml`)
    writeFileSync(file, JSON.stringify({ ...this.settings, instance: this.name }), { mode: 0o600 })
    const { folder, environment } = this.evidence
    const child = spawn(process.execPath, [LOCKSTEP, 'serve', this.party, '--config', file], {
      env: { ...process.env, ...environment, LOCKSTEP_PROCESS: this.name },
    })
    child.stderr.pipe(createWriteStream(join(folder, `${this.name}.stderr`), { flags: 'a' }))
    this.#child = child
    const gone = once(child, 'exit').then(() => undefined)
    const said = nextLine(child.stdout).catch(() => gone)
    const line = await Promise.race([said, gone])
    if (!line) return false
    this.#url = (JSON.parse(line) as { urls: Record<string, string> }).urls[this.party]
    return true
  }
}
