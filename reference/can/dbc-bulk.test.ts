import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../rigs/simulated/seeded-random.js'
import { DBC_SAMPLE } from '../../rigs/soak/dbc-sample.js'
import { compileDecoder } from './dbc-bulk.js'
import { decodeMessage, MessageTooShort } from './dbc-codec.js'
import { dbcMessage, type DbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'
import { dbcWorkload } from './dbc-workload.js'

const database = parseDbc(DBC_SAMPLE)

test('the bulk decoder gives what decodeMessage gives', () => {
  const bytes = fc.uint8Array({ minLength: 64, maxLength: 64 })
  fc.assert(
    fc.property(fc.constantFrom(...database.messages), bytes, (message: DbcMessage, data) => {
      const decoder = compileDecoder(message)
      const [physical, present] = [new Float64Array(8), new Uint8Array(8).fill(7)]
      const decoded = decodeMessage(message, data)
      assert.equal(decoder.decodeInto(data, physical, present), decoded.size)
      for (const [n, { name }] of decoder.signals.entries()) {
        assert.equal(present[n], decoded.has(name) ? 1 : 0)
        if (present[n] === 1) assert.ok(Object.is(physical[n], decoded.get(name)?.physical))
      }
    }),
  )
})

test('arrays that are too short and data that is too short are refused', () => {
  const decoder = compileDecoder(dbcMessage(database, 'Drive'))
  assert.throws(
    () => decoder.decodeInto(new Uint8Array(8), new Float64Array(3), new Uint8Array(4)),
    RangeError,
  )
  assert.throws(
    () => decoder.decodeInto(new Uint8Array(7), new Float64Array(4), new Uint8Array(4)),
    MessageTooShort,
  )
})

test('a workload counts the same signals whichever way it goes over its frames', () => {
  const workload = dbcWorkload(database, 300, seededRandom(1))
  assert.equal(workload.frames, 300)
  assert.ok(workload.signals > 300)
  assert.deepEqual(
    [workload.decode(), workload.decodeBulk(), workload.encode()],
    [workload.signals, workload.signals, workload.signals],
  )
})

test('a database without signals is no workload', () => {
  assert.throws(() => dbcWorkload(parseDbc('BO_ 1 M: 8 N'), 10, Math.random), RangeError)
})
