import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDbc } from '../../reference/can/dbc-parser.js'
import { messageFrame, type MessageFrameOptions } from './can-message.js'

const { messages } = parseDbc(`BO_ 100 Mux: 3 A
 SG_ Sel M : 0|8@1+ (1,0) [0|3] "" A
 SG_ Speed m0 : 8|16@1- (0.5,0) [0|100] "" A
 SG_ Torque m1 : 8|16@1+ (1,0) [0|0] "" A
BO_ 102 Range: 2 A
 SG_ Power : 8|8@1+ (0.5,-20) [-20|107] "KW" A
 SG_ Weight : 0|8@1+ (1,-5) [-2|250] "g" A
BA_DEF_ SG_ "GenSigStartValue" INT 0 255;
BA_ "GenSigStartValue" SG_ 102 Weight 10;
`)
const data = (words: string, options?: MessageFrameOptions) => [
  ...messageFrame(words.split(' '), messages, options).frame.data,
]

test('a signal that is not given has its start value, which is reported; without one, all that miss are named', () => {
  const { frame, started } = messageFrame(['Range', 'Power=50'], messages)
  assert.deepEqual([...frame.data], [10, 140])
  assert.deepEqual(started, [{ signal: 'Weight', raw: 10 }])
  assert.throws(() => data('Mux'), {
    name: 'SignalNotEncodable',
    message: /no value is given for Sel, Speed,/,
  })
})

test('outside the limits only with limits off or raw', () => {
  assert.throws(() => data('Range Power=107.5'), { name: 'SignalNotEncodable', message: /outside/ })
  assert.deepEqual(data('Range Power=107.5', { limits: false }), [10, 255])
  assert.deepEqual(data('Range Power=255 Weight=0', { raw: true }), [0, 255])
  assert.throws(() => data('Range Power=256', { raw: true }), { message: /does not fit 8 bits/ })
})

test('a wrong name is answered first, with the nearest one', () => {
  assert.throws(() => data('Range Powr=1'), { message: 'Range has no signal Powr; did you mean Power?' })
  assert.throws(() => data('Rnage Power=1'), {
    name: 'UnknownDbcMessage',
    message: /Rnage; did you mean Range\?/,
  })
  assert.throws(() => data('Range Pwoer=1'), { message: /did you mean Power\?/ })
  assert.throws(() => data('Range zzz=1'), { message: 'Range has no signal zzz' })
})

test('a signal that is ruled out is answered before what is missing, with the value that lets it in', () => {
  assert.throws(() => data('Mux Sel=0 Torque=1'), {
    message: 'Mux.Torque: its multiplexor rules it out: it is there where Sel is 1, which is 0',
  })
  assert.deepEqual(data('Mux Sel=1 Torque=258'), [1, 2, 1])
})
