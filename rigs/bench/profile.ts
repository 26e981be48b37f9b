import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import { InvalidCameraUrl, parseCameraUrl } from '../drivers/camera/camera-url.js'
import { readRenderedSettings, SETTINGS } from './camera/rendered-settings.js'
import { profileSchema, type BayProfile, type Profile } from './profile-schema.js'
import { SettingsReader, type SettingsMistake } from './settings-reader.js'
import { UsageFault } from '../../reference/ports/faults.js'

/** No profile of that name, or no file there: a usage error (exit 2). */
export class UnknownProfile extends UsageFault {
  override readonly name = 'UnknownProfile'
  constructor(asked: string) {
    super(
      `there is no rig profile ${JSON.stringify(asked)}; known: ${profileNames().join(', ')}; ` +
        'or give the path of a YAML file',
    )
  }
}

const PROFILES = join(packageRoot, 'rigs', 'profiles')

/** Names of the profiles that come with Lockstep. */
export function profileNames(): string[] {
  return readdirSync(PROFILES)
    .filter((file) => file.endsWith('.yaml') && !file.includes('.example.'))
    .map((file) => basename(file, '.yaml'))
    .sort()
}

/**
 * @param asked a profile's name, or a path to a YAML file
 * @throws UnknownProfile
 */
export function profileFile(asked: string): string {
  const looksLikePath = /[/\\]|\.ya?ml$/.test(asked)
  const file = looksLikePath ? resolve(asked) : join(PROFILES, `${asked}.yaml`)
  if (!existsSync(file)) throw new UnknownProfile(asked)
  return file
}

/** @throws UnknownProfile, InvalidSettings */
export function loadProfile(asked: string): Profile {
  const file = profileFile(asked)
  const profile = parseProfile(readFileSync(file, 'utf8'), file)
  const { calibration } = profile.camera
  if (calibration === undefined) return profile
  return { ...profile, camera: { ...profile.camera, calibration: resolve(dirname(file), calibration) } }
}

const reader = new SettingsReader<Profile>(profileSchema, (profile) => [
  ...checkBays(profile),
  ...checkCamera(profile),
])

/** A rig has one board, and what is named is named once. */
function checkBays({ bays, broker, bus, processes, vehicleId }: Profile): SettingsMistake[] {
  const mistakes: SettingsMistake[] = []
  for (const name of ['bayId', 'lockId'] as const) {
    for (const [i, bay] of bays.entries()) {
      if (bays.findIndex((other) => other[name] === bay[name]) === i) continue
      mistakes.push({ path: ['bays', i, name], what: `${name} ${bay[name]} is there twice` })
    }
  }
  const { url, passwords = {} } = broker
  if (/^mqtts?:/.test(url)) {
    const users = ['platform', 'cloud', 'observer', vehicleId, ...bays.map(({ lockId }) => lockId)]
    const lacking = users.filter((user) => passwords[user] === undefined)
    if (lacking.length > 0) {
      mistakes.push({ path: ['broker'], what: `broker.passwords has none for ${lacking.join(', ')}` })
    }
  }
  if (processes === 'each' && bus.url.startsWith('memory:')) {
    mistakes.push({
      path: ['bus'],
      what: 'bus memory: is one process’s; with processes: each use udp: or another',
    })
  }
  const boards = bays.filter(({ lock }) => lock === 'board').length
  if (boards !== 1) mistakes.push({ path: ['bays'], what: `one bay must have lock: board, not ${boards}` })
  return mistakes
}

/** A camera's URL can be used; what a rig's rendered camera sees, scenarios decide. */
function checkCamera({ camera: { url } }: Profile): SettingsMistake[] {
  const path = ['camera', 'url'] as const
  try {
    const parsed = parseCameraUrl(url, SETTINGS)
    if (parsed.kind !== 'rendered') return []
    const { text } = readRenderedSettings(parsed.settings)
    return text === undefined ? [] : [{ path, what: 'a rig shows what its scenarios show: leave text out' }]
  } catch (error) {
    if (!(error instanceof InvalidCameraUrl)) throw error
    return [{ path, what: error.message }]
  }
}

/** The bay in which the rig's board stands. */
export function boardBayOf({ rig, bays }: Profile): BayProfile {
  const bay = bays.find(({ lock }) => lock === 'board')
  if (!bay) throw new Error(`the profile ${rig} was not checked: it has no board`)
  return bay
}

/**
 * @param file named in the errors
 * @throws InvalidSettings with `line:column` of every mistake
 */
export function parseProfile(text: string, file: string): Profile {
  return reader.read(text, file)
}
