/** `npm run firmware`: writes the generated header, compiles the firmware, and writes the image with its hashes. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../../../reference/package-root.js'
import { lockPinMap } from '../../../pin-map.js'
import { lockPinsHeader } from './lock-pins-header.js'
import { protectionLimits } from './protection-limits.js'
import type { FirmwareHashes } from './lockstep-firmata.js'

export const firmwareFolder = join(packageRoot, 'rigs', 'drivers', 'arduino', 'firmware')

const COMPILER = [
  ...['-std=gnu11', '-Os', '-Wall', '-Wextra', '-Werror', '-mmcu=atmega328p', '-DF_CPU=16000000UL'],
  ...['-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections', '-fno-ident'],
]

/** Thrown when avr-gcc is missing or refuses the sources. */
export class FirmwareBuildFailed extends Error {
  override readonly name = 'FirmwareBuildFailed'
}

/** The C sources and headers in one hash, by name and content, in the order of their names. */
export function sourceSha256(folder = firmwareFolder): string {
  const hash = createHash('sha256')
  for (const name of cFiles(folder, /\.[ch]$/)) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(folder, name)))
      .update('\0')
  }
  return hash.digest('hex')
}

/**
 * Compiles the sources with the sources' own hash in them.
 * @returns Intel HEX
 * @throws FirmwareBuildFailed
 */
export function compileFirmware(folder = firmwareFolder): string {
  const temporary = mkdtempSync(join(tmpdir(), 'firmware-'))
  try {
    const elf = join(temporary, 'firmware.elf')
    const hex = join(temporary, 'firmware.hex')
    const defines = [`-DSOURCE_SHA256="${sourceSha256(folder)}"`]
    run(folder, 'avr-gcc', [...COMPILER, ...defines, '-o', elf, ...cFiles(folder, /\.c$/)])
    run(folder, 'avr-objcopy', ['-O', 'ihex', '-R', '.eeprom', elf, hex])
    return readFileSync(hex, 'latin1').replaceAll('\r\n', '\n')
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

function cFiles(folder: string, suffix: RegExp): string[] {
  return readdirSync(folder)
    .filter((name) => suffix.test(name))
    .sort()
}

function run(folder: string, command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  if (error) {
    const mend = 'on Debian: apt-get install gcc-avr avr-libc'
    throw new FirmwareBuildFailed(`${command} cannot be run; ${mend}`, { cause: error })
  }
  if (status !== 0) throw new FirmwareBuildFailed(`${command} ended with ${status}:\n${stderr}`)
}

function build(): void {
  writeFileSync(join(firmwareFolder, 'lock-pins.h'), lockPinsHeader(lockPinMap, protectionLimits))
  const hex = compileFirmware()
  const hashes: FirmwareHashes = {
    hexSha256: createHash('sha256').update(hex).digest('hex'),
    sourceSha256: sourceSha256(),
  }
  writeFileSync(join(firmwareFolder, 'lockstep-firmata.hex'), hex)
  writeFileSync(join(firmwareFolder, 'lockstep-firmata.json'), `${JSON.stringify(hashes, null, 2)}\n`)
  process.stdout.write(
    `lockstep-firmata.hex ${hashes.hexSha256}\nof the sources       ${hashes.sourceSha256}\n`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) build()
