import type { TimelineEntry } from '../timeline.js'
import { lanesOf, speaker } from './lanes.js'
import { html, type Html } from './html.js'

/** More rows than this are no picture any more; the table below it has them all. */
const MOST_ROWS = 140
const ROW = 30
const TOP = 46
const LEFT = 78

interface Row {
  readonly entry: TimelineEntry
  times: number
}

export interface Drawing {
  readonly drawing: Html
  /** Rows that were left out at the end. */
  readonly leftOut: number
}

/** The way of the messages between the parties, downwards in time. */
export function sequenceDiagram(entries: readonly TimelineEntry[]): Drawing {
  const rows = collapse(entries)
  const shown = rows.slice(0, MOST_ROWS)
  const lanes = lanesOf(shown.map(({ entry }) => entry))
  const gap = Math.max(112, Math.min(150, 980 / lanes.length))
  const centre = new Map(lanes.map(({ party }, i) => [party, LEFT + gap * (i + 0.5)]))
  const width = LEFT + gap * lanes.length
  const height = TOP + ROW * shown.length + 16
  const start = BigInt(entries[0]?.monotonic ?? 0)
  const drawing = html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    role="img"
    aria-label="Messages between the parties, in order"
  >
    ${lanes.map(({ party, title }) => {
      const x = centre.get(party)!
      return html`<line class="lane" x1="${x}" x2="${x}" y1="34" y2="${height}" /><rect
          class="box"
          x="${x - gap / 2 + 5}"
          y="8"
          width="${gap - 10}"
          height="26"
          rx="6"
        /><text class="boxtext" x="${x}" y="25">${shorten(title, 16)}</text>`
    })}
    ${shown.map((row, i) => drawRow(row, TOP + ROW * (i + 0.6), start, centre, width))}
  </svg>`
  return { drawing, leftOut: rows.length - shown.length }
}

function drawRow(
  { entry, times }: Row,
  y: number,
  start: bigint,
  centre: ReadonlyMap<string, number>,
  width: number,
): Html {
  const from = centre.get(speaker(entry))!
  const to = entry.to === undefined ? from : centre.get(entry.to)!
  const what = `${entry.event ?? entry.kind}${times > 1 ? ` ×${times}` : ''}`
  const title = html`<title>
    ${speaker(entry)}${entry.to === undefined ? '' : ` → ${entry.to}`}:
    ${what}${entry.wire === undefined ? '' : ` on ${entry.wire}`} (${entry.process} #${entry.sequence})
  </title>`
  const time = html`<text class="soft small" x="${LEFT - 12}" y="${y + 4}" text-anchor="end"
    >${elapsedMs(entry, start)} ms</text
  >`
  if (from === to) {
    const leftwards = from > width - 120
    return html`<g
      >${title}${time}<circle class="dot" cx="${from}" cy="${y}" r="3.5" /><text
        class="small halo"
        x="${leftwards ? from - 9 : from + 9}"
        y="${y + 4}"
        text-anchor="${leftwards ? 'end' : 'start'}"
        >${shorten(what, 34)}</text
      ></g
    >`
  }
  const direction = to > from ? 1 : -1
  const label = entry.wire === undefined || entry.wire === what ? what : `${what} · ${entry.wire}`
  return html`<g
    >${title}${time}<line class="arrow" x1="${from}" x2="${to - direction * 7}" y1="${y}" y2="${y}" /><polygon
      class="tip"
      points="${to},${y} ${to - direction * 8},${y - 4} ${to - direction * 8},${y + 4}"
    /><text class="small halo" x="${(from + to) / 2}" y="${y - 6}" text-anchor="middle"
      >${shorten(label, Math.round(Math.max(24, Math.abs(to - from) / 5.6)))}</text
    ></g
  >`
}

/** Repeats of one message in a row, such as frames of one transfer, become one arrow with a count. */
function collapse(entries: readonly TimelineEntry[]): Row[] {
  const rows: Row[] = []
  for (const entry of entries) {
    const last = rows.at(-1)
    if (last && signature(last.entry) === signature(entry)) last.times++
    else rows.push({ entry, times: 1 })
  }
  return rows
}

function signature(entry: TimelineEntry): string {
  return JSON.stringify([speaker(entry), entry.to, entry.wire, entry.event ?? entry.kind])
}

/** Milliseconds since the first entry, one decimal. */
export function elapsedMs(entry: TimelineEntry, start: bigint): string {
  return (Number(BigInt(entry.monotonic) - start) / 1e6).toFixed(1)
}

function shorten(text: string, most: number): string {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
