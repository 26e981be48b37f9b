import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { lockPinMap } from '../../../pin-map.js'
import { FLASH_BYTES } from '../../../simulated/virtual-arduino/firmware-image.js'
import { readIntelHex } from '../../../simulated/virtual-arduino/intel-hex.js'
import { BoardSilent } from '../arduino-errors.js'
import { connectArduinoLock } from '../arduino-lock-hardware.js'
import { openChip } from '../test-chip-stream.js'
import { compileFirmware, firmwareFolder, FirmwareBuildFailed } from './build-firmware.js'
import { LOCKSTEP_FIRMATA_HEX } from './lockstep-firmata.js'

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'firmware-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('The committed image is rebuilt byte by byte, wherever the sources lie', (t) => {
  const committed = readFileSync(LOCKSTEP_FIRMATA_HEX, 'latin1')
  assert.equal(compileFirmware(), committed)
  const elsewhere = folderFor(t)
  cpSync(firmwareFolder, elsewhere, { recursive: true })
  assert.equal(compileFirmware(elsewhere), committed)
})

test('Another source is another image, and one that does not compile is named', (t) => {
  const folder = folderFor(t)
  cpSync(firmwareFolder, folder, { recursive: true })
  const header = join(folder, 'lock-pins.h')
  writeFileSync(header, readFileSync(header, 'utf8').replace('HEARTBEAT_MS 450', 'HEARTBEAT_MS 451'))
  assert.notEqual(compileFirmware(folder), readFileSync(LOCKSTEP_FIRMATA_HEX, 'latin1'))
  writeFileSync(header, '#error broken\n')
  assert.throws(() => compileFirmware(folder), FirmwareBuildFailed)
})

const BLINK = `
#include <avr/io.h>
#include <util/delay.h>
int main(void) {
  DDRB |= _BV(PB5);
  for (;;) { PORTB ^= _BV(PB5); _delay_ms(500); }
}
`

test('Blink in the place of the firmware is refused', async (t) => {
  const folder = folderFor(t)
  const file = (name: string) => join(folder, name)
  writeFileSync(file('blink.c'), BLINK)
  const flags = ['-mmcu=atmega328p', '-DF_CPU=16000000UL', '-Os', '-o', file('blink.elf'), file('blink.c')]
  assert.equal(spawnSync('avr-gcc', flags).status, 0)
  assert.equal(spawnSync('avr-objcopy', ['-O', 'ihex', file('blink.elf'), file('blink.hex')]).status, 0)
  const image = readIntelHex(readFileSync(file('blink.hex'), 'latin1'), FLASH_BYTES)
  const options = {
    stream: openChip(image),
    pins: lockPinMap,
    firmware: 'lockstep',
    connectMs: 1_000,
  } as const
  await assert.rejects(connectArduinoLock(options), BoardSilent)
})
