/** One line of a chart. */
export interface ChartLine {
  readonly name: string
  readonly colour: string
  readonly dashed?: true
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Axis {
  readonly title: string
  readonly scale: 'linear' | 'log'
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

export interface Chart {
  readonly title: string
  readonly notes: readonly string[]
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly ChartLine[]
  /** A place on the x axis that is to be seen. */
  readonly mark?: { readonly x: number; readonly text: string }
}

const SIZE = { width: 860, height: 500, left: 84, right: 30, top: 54, bottom: 58 }
const NOTE_LEADING = 17
const LEGEND_LEADING = 18
const LEGEND_WIDTH = 260

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const whole = (value: number) => (Math.round(value * 10) / 10).toString()

function place({ scale, from, to }: Axis, value: number): number {
  if (scale === 'linear') return (value - from) / (to - from)
  return (Math.log(Math.max(value, from)) - Math.log(from)) / (Math.log(to) - Math.log(from))
}

/** Powers of ten, and 2 and 5 times those, that span the values: an axis on a log scale. */
export function logAxis(title: string, values: readonly number[]): Axis {
  const above = values.filter((value) => value > 0)
  const from = 10 ** Math.floor(Math.log10(Math.min(...above, 1e6)))
  const to = 10 ** Math.ceil(Math.log10(Math.max(...above, from * 1.01)))
  const ticks: number[] = []
  for (let tick = from; tick <= to * 1.001; tick *= 10) ticks.push(Number(tick.toPrecision(1)))
  return { title, scale: 'log', from, to: Math.max(to, from * 10), ticks }
}

/** A chart as SVG, without anything from outside. */
export function drawChart({ title, notes, x, y, lines, mark }: Chart): string {
  const { width, left, right, top, bottom } = SIZE
  const height = SIZE.height
  const plot = { width: width - left - right, height: height - top - bottom }
  const at = (value: number) => left + plot.width * place(x, value)
  const up = (value: number) => top + plot.height * (1 - place(y, value))
  const text = (words: string, attributes: string) => `<text ${attributes}>${escape(words)}</text>`
  const total = height + NOTE_LEADING * notes.length + 8
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" font-family="Noto Sans SC, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${total}" fill="#fff"/>`,
    text(title, `x="${left}" y="28" font-size="17" font-weight="bold"`),
    ...x.ticks.flatMap((tick) => [
      `<line x1="${whole(at(tick))}" y1="${top}" x2="${whole(at(tick))}" y2="${top + plot.height}" stroke="#e4e4e4"/>`,
      text(
        tick.toLocaleString('en'),
        `x="${whole(at(tick))}" y="${top + plot.height + 20}" text-anchor="middle"`,
      ),
    ]),
    ...y.ticks.flatMap((tick) => [
      `<line x1="${left}" y1="${whole(up(tick))}" x2="${left + plot.width}" y2="${whole(up(tick))}" stroke="#e4e4e4"/>`,
      text(tick.toLocaleString('en'), `x="${left - 8}" y="${whole(up(tick) + 4)}" text-anchor="end"`),
    ]),
    `<rect x="${left}" y="${top}" width="${plot.width}" height="${plot.height}" fill="none" stroke="#888"/>`,
    text(x.title, `x="${left + plot.width / 2}" y="${height - 14}" text-anchor="middle"`),
    text(y.title, `x="${-(top + plot.height / 2)}" y="18" text-anchor="middle" transform="rotate(-90)"`),
    ...(mark
      ? [
          `<line x1="${whole(at(mark.x))}" y1="${top}" x2="${whole(at(mark.x))}" y2="${top + plot.height}" stroke="#c00" stroke-width="2" stroke-dasharray="3 4"/>`,
          text(
            mark.text,
            `x="${whole(at(mark.x) + (place(x, mark.x) > 0.7 ? -6 : 6))}" y="${top + plot.height - 10}" fill="#c00" font-weight="bold" text-anchor="${place(x, mark.x) > 0.7 ? 'end' : 'start'}"`,
          ),
        ]
      : []),
    // The mark may cross the legend.
    `<rect x="${left + 8}" y="${top + 5}" width="${LEGEND_WIDTH}" height="${lines.length * LEGEND_LEADING + 4}" fill="#fff" fill-opacity="0.9"/>`,
    ...lines.flatMap(({ name, colour, dashed, points }, n) => {
      const path = points.map(([a, b]) => `${whole(at(a))},${whole(up(b))}`).join(' ')
      const legend = { x: left + 14, y: top + 20 + n * LEGEND_LEADING }
      const dash = dashed ? ' stroke-dasharray="6 4"' : ''
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
        ...points.map(
          ([a, b]) => `<circle cx="${whole(at(a))}" cy="${whole(up(b))}" r="3" fill="${colour}"/>`,
        ),
        `<line x1="${legend.x}" y1="${legend.y - 4}" x2="${legend.x + 24}" y2="${legend.y - 4}" stroke="${colour}" stroke-width="2"${dash}/>`,
        text(name, `x="${legend.x + 30}" y="${legend.y}"`),
      ]
    }),
    ...notes.map((note, n) =>
      text(note, `x="${left}" y="${height + NOTE_LEADING * n + 4}" font-size="12" fill="#444"`),
    ),
    '</svg>',
    '',
  ].join('\n')
}
