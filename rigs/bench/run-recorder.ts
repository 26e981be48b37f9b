import { readFileSync, writeFileSync } from 'node:fs'
import { arch, platform, release } from 'node:os'
import { basename, join } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import type { Attestation, PartyRecord, RunRecord, WireRecord } from '../evidence/run-record.js'
import { busFidelity, rigBusUrl } from './can/rig-bus.js'
import { lightFidelity } from './camera/rig-eye.js'
import type { ExternalParty, Fidelity, Profile } from './profile-schema.js'
import { WIRES, type WireName } from './wires/wires.js'

/** What carries each wire of a rig that this version can start. */
const CARRIED_BY: Readonly<Record<WireName, (found: Attestation) => string>> = {
  phone: () => 'HTTP on loopback to the WeChat platform mock',
  push: () => 'HTTP through a tap on loopback, signed XML',
  api: () => 'HTTP on loopback to the WeChat platform mock',
  platform: () => 'HTTP through a tap on loopback (OpenAPI)',
  webhook: () => 'HTTP through a tap on loopback, signed (OpenAPI)',
  lock: ({ broker }) => `MQTT 3.1.1 over TCP, ${String(broker)}`,
  vehicle: ({ broker }) => `MQTT 3.1.1 over TCP, ${String(broker)}`,
  can: ({ bus, canBackEnd }) => `${String(bus)}: ${String(canBackEnd)}; DBC, ISO-TP and E2E`,
  light: ({ light, decoder }) => `${String(light)}, decoded by ${String(decoder)}`,
  board: ({ firmware, board }) => `${String(firmware)} on a simulated ATmega328P (avr8js): ${String(board)}`,
}

/** Every other driver of this version is one of the virtual rig. */
function fidelityOf(wire: string, profile: Profile): Fidelity {
  if (wire === 'can') return busFidelity(profile)
  return wire === 'light' ? lightFidelity(profile) : 'virtual'
}

function partyRecord(
  party: PartyRecord['party'],
  taken: 'reference' | ExternalParty | undefined,
): PartyRecord {
  if (typeof taken !== 'object') return { party }
  const { origin, pathname } = new URL(taken.external)
  return { party, url: origin + (pathname === '/' ? '' : pathname) }
}

/** Writes `run.json`: at the start what runs, at the end that it was finished. */
export class RunRecorder {
  readonly #record: RunRecord

  constructor(
    private readonly folder: string,
    profile: Profile,
    foundParts: Attestation,
  ) {
    const { rig, fidelity } = profile
    const found: Attestation = {
      ...foundParts,
      bus: rigBusUrl(profile.bus),
      decoder: profile.lock.decoder,
    }
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      version: string
    }
    const wires: WireRecord[] = Object.entries(WIRES).map(([name, wire]) => ({
      ...wire,
      fidelity: fidelityOf(name, profile),
      by: CARRIED_BY[name as WireName](found),
    }))
    this.#record = {
      runId: basename(folder),
      startedAt: new Date().toISOString(),
      rig,
      fidelity,
      wires,
      parties: (['cloud', 'platform'] as const).map((party) => partyRecord(party, profile.parties[party])),
      attestation: {
        ...found,
        node: process.version,
        platform: `${platform()} ${release()} ${arch()}`,
        lockstep: version,
      },
    }
    this.#write(this.#record)
  }

  finish(): void {
    this.#write({ ...this.#record, finishedAt: new Date().toISOString() })
  }

  #write(record: RunRecord): void {
    writeFileSync(join(this.folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`)
  }
}
