import type { ScenarioEvidence } from '../evidence-folder.js'
import { html, type Html } from './html.js'
import { speaker } from './lanes.js'
import { elapsedMs, sequenceDiagram } from './sequence-diagram.js'

const MOST_LINES = 600
const LONGEST_BODY = 1200

/** What happened between the parties: the drawing, and the folded table with every entry. */
export function timelineSection({ timeline, window }: ScenarioEvidence): Html {
  if (timeline.length === 0) {
    return html`<h4>Timeline</h4>
      <div class="gap">
        ${window ? 'No timeline has an entry in this scenario’s window.' : 'Not known: without window.json no part of the timelines can be given to this scenario.'}
      </div>`
  }
  const { drawing, leftOut } = sequenceDiagram(timeline)
  const start = BigInt(timeline[0]!.monotonic)
  const lines = timeline.slice(0, MOST_LINES)
  return html`<h4>Timeline, from the phone to the bolt</h4>
    <div class="wide">${drawing}</div>
    ${leftOut > 0 && html`<p class="soft small">${leftOut} further rows are not drawn; they are in the table.</p>`}
    <details>
      <summary>Every entry (${timeline.length})</summary>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th>ms</th>
              <th>from → to</th>
              <th>what</th>
              <th>wire</th>
              <th>command</th>
              <th>body</th>
              <th>noted by</th>
            </tr>
          </thead>
          <tbody>
            ${lines.map(
              (entry) =>
                html`<tr>
                  <td class="n mono">${elapsedMs(entry, start)}</td>
                  <td class="nowrap">${speaker(entry)}${entry.to !== undefined && ` → ${entry.to}`}</td>
                  <td>${entry.event ?? entry.kind}</td>
                  <td class="nowrap">${entry.wire}</td>
                  <td class="mono">${entry.correlationId}</td>
                  <td class="mono">${bodyText(entry.body)}</td>
                  <td class="nowrap soft">${entry.process} #${entry.sequence}</td>
                </tr> `,
            )}
          </tbody>
        </table>
      </div>
      ${timeline.length > lines.length && html`<p class="soft small">${timeline.length - lines.length} further entries are in the folder’s timeline files.</p>`}
    </details>`
}

function bodyText(body: unknown): string {
  if (body === undefined) return ''
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return text.length > LONGEST_BODY ? `${text.slice(0, LONGEST_BODY)}… (${text.length} characters)` : text
}
