import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paceInRealTime } from './pace.js'

test('A host that stalls makes the circuit late, and the lag is counted', async () => {
  let wallMs = 0
  const circuit = {
    cyclesPerSecond: 1_000_000,
    cycle: 0,
    runUntil: (cycle: number) => (circuit.cycle = cycle),
  }
  const slices: number[] = []
  await new Promise<void>((resolve) => {
    const pace = paceInRealTime(circuit, {
      timeScale: 1,
      afterSlice: () => {
        slices.push(circuit.cycle)
        wallMs += slices.length === 3 ? 500 : 1
        if (slices.length < 6) return
        assert.ok(Math.abs(pace.droppedMs - 500) < 5, `${pace.droppedMs}`)
        pace.stop()
        resolve()
      },
      nowMs: () => wallMs,
    })
  })
  assert.deepEqual(slices, [1000, 2000, 3000, 4000, 5000, 6000])
})

test('A circuit that has to wait stands still, and the time it waited is counted', async () => {
  let wallMs = 0
  let asked = 0
  const circuit = {
    cyclesPerSecond: 1_000_000,
    cycle: 0,
    runUntil: (cycle: number) => (circuit.cycle = cycle),
  }
  const slices: number[] = []
  await new Promise<void>((resolve) => {
    const pace = paceInRealTime(circuit, {
      timeScale: 1,
      mayRun: () => {
        asked++
        wallMs += 100
        return asked > 4
      },
      afterSlice: () => {
        slices.push(circuit.cycle)
        if (slices.length < 3) return
        assert.ok(pace.droppedMs >= 400, `${pace.droppedMs}`)
        pace.stop()
        resolve()
      },
      nowMs: () => wallMs,
    })
  })
  assert.deepEqual([asked, slices], [7, [1000, 2000, 3000]])
})
