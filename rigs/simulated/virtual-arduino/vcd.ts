import type { Circuit, PinDrive } from '../circuit.js'

/** IEEE 1364-2005 §18: a cycle of 62.5 ns is 625 units of 100 ps. */
const UNITS_PER_SECOND = 1e10

const LEVEL: Record<PinDrive, string> = { high: '1', low: '0', 'pull-up': 'z', open: 'z' }

/**
 * Writes the drives of some pins as a value change dump, which GTKWave and sigrok open.
 * @param signals name of each signal and its pin
 * @param write takes the next text of the file
 * @param maxEdges the dump ends, with a comment that says so, after so many edges
 * @returns ends the dump
 */
export function dumpPins(
  circuit: Circuit,
  signals: Readonly<Record<string, number>>,
  write: (text: string) => void,
  maxEdges = 200_000,
): () => void {
  const entries = Object.entries(signals)
  const symbol = (index: number) => String.fromCharCode(33 + index)
  const wires = entries.map(([name], index) => `$var wire 1 ${symbol(index)} ${name} $end\n`)
  write(`$timescale 100 ps $end\n$scope module board $end\n${wires.join('')}`)
  write(`$upscope $end\n$enddefinitions $end\n#0\n${entries.map((_, i) => `z${symbol(i)}\n`).join('')}`)
  let edges = 0
  const unsubscribe = entries.map(([, pin], index) =>
    circuit.onEdge(pin, ({ cycle, drive }) => {
      edges++
      const time = Math.round((cycle * UNITS_PER_SECOND) / circuit.cyclesPerSecond)
      if (edges <= maxEdges) write(`#${time}\n${LEVEL[drive]}${symbol(index)}\n`)
      if (edges === maxEdges) write(`$comment the dump ends here: ${maxEdges} edges $end\n`)
    }),
  )
  return () => unsubscribe.forEach((off) => off())
}
