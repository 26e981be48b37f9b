import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { packageRoot } from '../../../reference/package-root.js'
import { readLines } from '../../../reference/read-lines.js'
import { freePort } from '../../debian-services/free-port.js'

/** Debian's, which sees the modules of Debian's packages (python3-paho-mqtt). */
const PYTHON = '/usr/bin/python3'
const PROGRAM = join(packageRoot, 'rigs', 'conformance', 'external-platform', 'external_platform.py')
const READY_MS = 30_000

export interface PythonPlatform {
  /** A profile of the virtual rig with this platform as its external party. */
  readonly profileFile: string
  /** Where the profile lies; removed at the end. */
  readonly folder: string
  close(): Promise<void>
}

interface ProfileDocument {
  bays: Record<string, unknown>[]
}

const secret = (name: string) => `${name}-of-the-external-platform`

/**
 * Starts the platform in Python, with the bays of the virtual rig, and writes the profile of a run with it: by the
 * settings that docs/own-party.md names, and nothing else.
 * @param bugs planted in it: names of `BUGS` in external_platform.py
 * @throws Error with what the program wrote when it does not start
 */
export async function startPythonPlatform(bugs: readonly string[] = []): Promise<PythonPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-external-platform-'))
  const [port, webhookPort, brokerPort] = [await freePort(), await freePort(), await freePort()]
  const virtual = parse(
    readFileSync(join(packageRoot, 'rigs', 'profiles', 'virtual.yaml'), 'utf8'),
  ) as ProfileDocument
  const url = `http://127.0.0.1:${port}`
  const profileFile = join(folder, 'own-platform.yaml')
  const secrets = {
    cloudToken: secret('cloud-token'),
    operatorToken: secret('operator-token'),
    webhookSecret: secret('webhook-secret'),
    platformBrokerPassword: secret('broker-password'),
  }
  const clockToken = secret('clock-token')
  const profile = {
    ...virtual,
    parties: { platform: { external: url, clock: { url, token: clockToken } } },
    fixed: { ports: { cloudWebhook: webhookPort, broker: brokerPort }, secrets },
  }
  writeFileSync(profileFile, stringify(profile))
  const settings = {
    port,
    cloudToken: secrets.cloudToken,
    operatorToken: secrets.operatorToken,
    clockToken,
    webhook: { url: `http://127.0.0.1:${webhookPort}/platform/events`, secret: secrets.webhookSecret },
    broker: {
      host: '127.0.0.1',
      port: brokerPort,
      username: 'platform',
      password: secrets.platformBrokerPassword,
    },
    bays: virtual.bays.map(({ lock: _lock, onMap: _onMap, ...bay }) => bay),
  }
  const settingsFile = join(folder, 'platform.json')
  writeFileSync(settingsFile, JSON.stringify(settings))
  const close = await startProgram([settingsFile, ...bugs.flatMap((bug) => ['--bug', bug])])
  return {
    profileFile,
    folder,
    close: async () => {
      await close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @returns ends it */
async function startProgram(args: readonly string[]): Promise<() => Promise<void>> {
  const child = spawn(PYTHON, ['-B', PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  exited.catch(() => undefined)
  const lines: string[] = []
  readLines(child.stderr, (line) => {
    lines.push(line)
    if (lines.length > 30) lines.shift()
  })
  await new Promise<void>((resolve, reject) => {
    const fail = (what: string) => {
      clearTimeout(deadline)
      child.kill('SIGKILL')
      reject(new Error(`the platform in Python ${what}:\n${lines.join('\n')}`))
    }
    const deadline = setTimeout(() => fail(`was not ready within ${READY_MS} ms`), READY_MS)
    child.once('error', (error) => fail(`cannot be started: ${error.message}`))
    child.once('exit', (code) => fail(`ended with ${code}`))
    child.stdout.once('data', () => {
      clearTimeout(deadline)
      resolve()
    })
  })
  return async () => {
    child.stdin.end()
    await exited
  }
}
