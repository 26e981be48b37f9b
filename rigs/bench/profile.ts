import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import { profileSchema, type Profile } from './profile-schema.js'
import { SettingsReader } from './settings-reader.js'

/** No profile of that name, or no file there: a usage error (exit 2). */
export class UnknownProfile extends Error {
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
  return parseProfile(readFileSync(file, 'utf8'), file)
}

const reader = new SettingsReader<Profile>(profileSchema)

/**
 * @param file named in the errors
 * @throws InvalidSettings with `line:column` of every mistake
 */
export function parseProfile(text: string, file: string): Profile {
  return reader.read(text, file)
}
