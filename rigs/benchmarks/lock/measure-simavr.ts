import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../reference/package-root.js'
import { LOCKSTEP_FIRMATA_HEX } from '../../drivers/arduino/firmware/lockstep-firmata.js'
import type { FirmwareKind } from '../../drivers/arduino/identify-firmware.js'
import { findStandardFirmata } from '../../simulated/virtual-arduino/standard-firmata.js'
import type { SimulatorRun, Workload } from './workload.js'

const SOURCE = join(packageRoot, 'rigs', 'benchmarks', 'lock', 'simavr-runner.c')
const HEADERS = '/usr/include/simavr/sim_avr.h'
const INSTALL = 'apt-get install -y --no-install-recommends gcc libc6-dev libsimavr-dev'

/** The runner was there, and did not do what it was to. */
export class SimavrFailed extends Error {
  override readonly name = 'SimavrFailed'
}

/** simavr, built for this benchmark in a temporary folder. */
export interface Simavr {
  /** @throws SimavrFailed */
  run(workload: Workload): SimulatorRun
  close(): void
}

/** @returns simavr, or what it lacks and how to get it. @throws SimavrFailed */
export function buildSimavr(): Simavr | { readonly unavailable: string } {
  if (!existsSync(HEADERS)) return { unavailable: INSTALL }
  const folder = mkdtempSync(join(tmpdir(), 'simavr-'))
  const program = join(folder, 'simavr-runner')
  const { status, stderr, error } = spawnSync('gcc', ['-O2', '-o', program, SOURCE, '-lsimavr'], {
    encoding: 'utf8',
  })
  if (error) {
    rmSync(folder, { recursive: true })
    return { unavailable: INSTALL }
  }
  if (status !== 0) throw new SimavrFailed(`gcc refuses ${SOURCE}:\n${stderr}`)
  return {
    run: (workload) => {
      const bytes = workload.bytes.map((byte) => byte.toString(16))
      const args = [workload.bootMs, workload.measuredMs, workload.heartbeat ? 1 : 0].map(String)
      const ran = spawnSync(program, [hexOf(workload.firmware), ...args, ...bytes], { encoding: 'utf8' })
      if (ran.status !== 0) throw new SimavrFailed(`simavr ended with ${ran.status}: ${ran.stderr}`)
      return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as SimulatorRun
    },
    close: () => rmSync(folder, { recursive: true }),
  }
}

function hexOf(firmware: FirmwareKind): string {
  return firmware === 'lockstep' ? LOCKSTEP_FIRMATA_HEX : findStandardFirmata()
}
