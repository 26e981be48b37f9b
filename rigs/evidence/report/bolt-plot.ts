import type { BoltSample } from '../run-record.js'
import { isRecord, type JsonRecord } from '../tolerant-json.js'
import { html, type Html } from './html.js'

const WIDTH = 900
const LEFT = 64
const RIGHT = 20
const ANGLE = { top: 24, height: 150 }
const SUPPLY = { top: 192, height: 14 }
const CURRENT = { top: 224, height: 70 }
const BOTTOM = CURRENT.top + CURRENT.height

export function isBoltSample(value: unknown): value is BoltSample {
  const finite = (sample: JsonRecord, name: string) => Number.isFinite(sample[name])
  return (
    isRecord(value) && finite(value, 'hardwareMs') && finite(value, 'angle') && finite(value, 'currentAmps')
  )
}

/** The bolt over hardware time: its angle, its supply and its motor's current. */
export function boltPlot(samples: readonly BoltSample[]): Html {
  const ordered = [...samples].sort((a, b) => a.hardwareMs - b.hardwareMs)
  const start = ordered[0]!.hardwareMs
  const end = Math.max(ordered.at(-1)!.hardwareMs, start + 1)
  const topAmps = niceCeiling(ordered.reduce((most, sample) => Math.max(most, sample.currentAmps), 0.1))
  const x = (ms: number) => LEFT + ((ms - start) / (end - start)) * (WIDTH - LEFT - RIGHT)
  const angleY = (angle: number) => ANGLE.top + (1 - (angle + 5) / 100) * ANGLE.height
  const ampsY = (amps: number) => BOTTOM - (amps / topAmps) * CURRENT.height
  const line = (y: (sample: BoltSample) => number) =>
    withoutRepeats(ordered, y)
      .map((sample) => `${x(sample.hardwareMs).toFixed(1)},${y(sample).toFixed(1)}`)
      .join(' ')
  return html`<svg viewBox="0 0 ${WIDTH} ${BOTTOM + 44}" role="img" aria-label="Bolt position over time">
    <text class="soft small" x="${LEFT}" y="14">bolt angle, degrees</text>
    ${[0, 30, 60, 90].map((angle) => html`<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${angleY(angle)}" y2="${angleY(angle)}" /><text class="soft small" text-anchor="end" x="${LEFT - 8}" y="${angleY(angle) + 4}">${angle === 90 ? 'up 90°' : angle === 0 ? 'down 0°' : `${angle}°`}</text>`)}
    <polyline class="angle" points="${line((sample) => angleY(sample.angle))}" />
    <text class="soft small" text-anchor="end" x="${LEFT - 8}" y="${SUPPLY.top + 11}">supply</text>
    <line
      class="axis"
      x1="${LEFT}"
      x2="${WIDTH - RIGHT}"
      y1="${SUPPLY.top + SUPPLY.height}"
      y2="${SUPPLY.top + SUPPLY.height}"
    />
    ${suppliedSpans(ordered).map(([from, to]) => html`<rect class="supply" x="${x(from).toFixed(1)}" y="${SUPPLY.top}" width="${Math.max(1, x(to) - x(from)).toFixed(1)}" height="${SUPPLY.height}"><title>supplied ${Math.round(from)} to ${Math.round(to)} ms</title></rect>`)}
    ${[0, topAmps / 2, topAmps].map((amps) => html`<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${ampsY(amps)}" y2="${ampsY(amps)}" /><text class="soft small" text-anchor="end" x="${LEFT - 8}" y="${ampsY(amps) + 4}">${Number(amps.toPrecision(3))} A</text>`)}
    <polyline class="current" points="${line((sample) => ampsY(sample.currentAmps))}" />
    ${ticks(start, end).map((ms) => html`<line class="axis" x1="${x(ms).toFixed(1)}" x2="${x(ms).toFixed(1)}" y1="${BOTTOM}" y2="${BOTTOM + 5}" /><text class="soft small" text-anchor="middle" x="${x(ms).toFixed(1)}" y="${BOTTOM + 18}">${Number((ms / 1000).toFixed(3))}</text>`)}
    <text class="soft small" text-anchor="middle" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${BOTTOM + 36}">
      hardware time, seconds
    </text>
  </svg>`
}

/** Drops the samples inside a flat stretch: the drawn line is the same. */
function withoutRepeats(samples: readonly BoltSample[], y: (sample: BoltSample) => number): BoltSample[] {
  return samples.filter((sample, i) => {
    const [before, after] = [samples[i - 1], samples[i + 1]]
    return !before || !after || y(before) !== y(sample) || y(after) !== y(sample)
  })
}

function suppliedSpans(samples: readonly BoltSample[]): [number, number][] {
  const spans: [number, number][] = []
  let from: number | undefined
  for (const sample of samples) {
    if (sample.supplied) from ??= sample.hardwareMs
    else if (from !== undefined) {
      spans.push([from, sample.hardwareMs])
      from = undefined
    }
  }
  if (from !== undefined) spans.push([from, samples.at(-1)!.hardwareMs])
  return spans
}

function niceCeiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 5].find((step) => step * unit >= value) ?? 10) * unit
}

function ticks(start: number, end: number): number[] {
  const step = niceCeiling((end - start) / 8)
  const first = Math.ceil(start / step)
  return Array.from({ length: Math.floor(end / step) - first + 1 }, (_, i) => (first + i) * step)
}
