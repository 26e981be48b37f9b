import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockTables } from './lock-tables.js'

const machine = { processor: 'a processor', cores: 2, node: 'v20' }

test('figures that were not measured are left out, and the reason is told', () => {
  const text = lockTables({
    machine,
    simavr: { unavailable: 'apt-get install libsimavr-dev' },
    speed: [
      {
        firmware: 'lockstep',
        lockstep: 41.237,
        simavr: null,
        ratio: null,
        bytesSent: { lockstep: 600, simavr: null },
        servoPulses: { lockstep: 50, simavr: null },
      },
    ],
    boards: [
      {
        firmware: 'lockstep',
        readyMs: 123.4,
        readyMsAll: [123.4],
        roundTripP50Ms: 2.4,
        roundTripP99Ms: 9.6,
        idleCpu: null,
      },
    ],
  })
  assert.match(text, /no simavr: apt-get install libsimavr-dev/)
  assert.match(text, /^lockstep +× 41\.24 +600 +50$/m)
  assert.match(text, /^lockstep +123\.4 +2\.4 +9\.6$/m)
})
