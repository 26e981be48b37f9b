import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { contractFile } from '../contracts/contract-document.js'
import { CandumpSyntaxError, parseCandumpLog } from './candump-log.js'
import { DbcSyntaxError } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'
import { decodeIsoTpFrame } from './iso-tp-frame.js'

const FILE = readFileSync(contractFile('parking.dbc'), 'utf8')

/** Runs what may refuse its input, but only by this error. */
function refusesBy(error: new (...args: never[]) => Error, run: () => unknown): void {
  try {
    run()
  } catch (thrown) {
    assert.ok(thrown instanceof error, String(thrown))
  }
}

test('a DBC file with a piece replaced is read or refused with its place', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('', '"', ';', ':', '0', '-1', 'SG_', 'BO_', 'm1M', '1e999', '|'),
  )
  fc.assert(
    fc.property(fc.nat(FILE.length), fc.nat(12), piece, (at, removed, inserted) =>
      refusesBy(DbcSyntaxError, () => parseDbc(FILE.slice(0, at) + inserted + FILE.slice(at + removed))),
    ),
    { numRuns: 500 },
  )
})

test('a candump log of any text is read or refused with its line', () => {
  const line = fc.oneof(
    fc.string(),
    fc.stringMatching(/^\(\d{1,10}\.\d{6}\) can0 [0-9A-F]{3,8}#[0-9A-FR#]{0,20}$/),
  )
  fc.assert(fc.property(line, (text) => refusesBy(CandumpSyntaxError, () => parseCandumpLog(text))))
})

test('ISO-TP reads any bytes without a fault', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 8 }), (data) => void decodeIsoTpFrame(data)))
})
