import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FirmataMessage } from '../../drivers/arduino/firmata-wire.js'
import { boardTimeBetween, LOCKSTEP_FIRMWARE } from '../../drivers/arduino/lockstep-wire.js'
import { lockPinMap } from '../../pin-map.js'
import type { DoctorLine } from './doctor-line.js'
import { tryHeartbeatGuard } from './line-steps.js'

const bits28 = (value: number) => [0, 7, 14, 21].map((shift) => (value >> shift) & 0x7f)

/** A board that answers each question with the next of these statuses. */
function boardSaying(...statuses: readonly { flags: number; nowMs: number; cutMs: number }[]) {
  const left = [...statuses]
  const line: Pick<DoctorLine, 'ask' | 'write'> = {
    ask: async <T>(
      what: string,
      _bytes: readonly number[],
      pick: (message: FirmataMessage) => T | undefined,
    ) => {
      const { flags, nowMs, cutMs } = left.shift() ?? assert.fail(what)
      const bytes = [0x04, flags, 1, 0, 0, ...bits28(nowMs), ...bits28(cutMs)]
      return pick({ type: 'sysex', bytes }) ?? assert.fail(what)
    },
    write: () => undefined,
  }
  return line
}

test('the time to the cut is right across the end of the board’s 28 bits', async () => {
  const last = 2 ** 28
  const board = boardSaying(
    { flags: 0, nowMs: last - 200, cutMs: 0 },
    { flags: 1, nowMs: last - 190, cutMs: 0 },
    { flags: 2, nowMs: 262, cutMs: 260 },
    { flags: 0, nowMs: 270, cutMs: 260 },
  )
  const finding = await tryHeartbeatGuard(board, LOCKSTEP_FIRMWARE, lockPinMap, 1)
  assert.deepEqual([finding.verdict, finding.figure], ['pass', '450 hardware ms'])
  assert.equal(boardTimeBetween(5, 1_005), 1_000)
})
