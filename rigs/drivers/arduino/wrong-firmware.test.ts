import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadBoardFirmware } from '../../bench/board/load-board-firmware.js'
import { lockPinMap } from '../../pin-map.js'
import { loadFirmware, UnknownFirmware } from '../../simulated/virtual-arduino/firmware-image.js'
import { BoardSilent, WrongFirmware } from './arduino-errors.js'
import { connectArduinoLock } from './arduino-lock-hardware.js'
import { LOCKSTEP_FIRMATA_HEX, lockstepFirmataHashes } from './firmware/lockstep-firmata.js'
import { openChip } from './test-chip-stream.js'

const connect = (image: Uint8Array, connectMs = 5_000) =>
  connectArduinoLock({ stream: openChip(image), pins: lockPinMap, firmware: 'lockstep', connectMs })

function changed(image: Uint8Array, text: string, to: string): Uint8Array {
  const at = Buffer.from(image).indexOf(text)
  assert.ok(at >= 0)
  const copy = image.slice()
  copy.set(Buffer.from(to), at)
  return copy
}

test('The unchanged image is taken, and tells its sources', async () => {
  const hardware = await connect(loadBoardFirmware('lockstep').image)
  assert.equal(hardware.identity.sourceSha256, lockstepFirmataHashes().sourceSha256)
  assert.equal(hardware.identity.resetCause, 'power-on')
  await hardware.close()
})

test('A changed opcode in the file of a virtual board is refused by its hash', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'firmware-'))
  t.after(() => rm(folder, { recursive: true }))
  const lines = (await readFile(LOCKSTEP_FIRMATA_HEX, 'latin1')).split('\n')
  const record = Buffer.from((lines[8] ?? '').trim().slice(1), 'hex')
  // One bit of one instruction, and the record's checksum made right again.
  record[6] = (record[6] ?? 0) ^ 1
  record[record.length - 1] = -record.subarray(0, -1).reduce((sum, byte) => sum + byte, 0) & 0xff
  lines[8] = `:${record.toString('hex').toUpperCase()}`
  const file = join(folder, 'changed.hex')
  await writeFile(file, lines.join('\n'))
  assert.throws(() => loadFirmware(file, lockstepFirmataHashes().hexSha256), UnknownFirmware)
})

test('A board with our name and other sources is refused', async () => {
  const { image } = loadBoardFirmware('lockstep')
  const { sourceSha256 } = lockstepFirmataHashes()
  const other = changed(
    image,
    sourceSha256,
    sourceSha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  )
  await assert.rejects(connect(other), WrongFirmware)
})

test('A board with another name is refused, StandardFirmata as well', async () => {
  const renamed = changed(loadBoardFirmware('lockstep').image, 'LockstepFirmata', 'LockstepFirmatb')
  await assert.rejects(connect(renamed), WrongFirmware)
  await assert.rejects(connect(loadBoardFirmware('standard-firmata').image), WrongFirmware)
})

test('A board whose program does not speak is refused', async () => {
  const silent = loadBoardFirmware('lockstep').image.slice()
  silent.set([0xff, 0xcf]) // RJMP to itself at the reset vector
  await assert.rejects(connect(silent, 500), BoardSilent)
})
