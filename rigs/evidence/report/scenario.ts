import { join } from 'node:path'
import type { ScenarioEvidence } from '../evidence-folder.js'
import type { ArtefactEntry } from '../run-record.js'
import type { StepRecord } from '../test-run.js'
import type { ScenarioVerdict } from '../verdict.js'
import { boltTrace, conversation, picture, textBlock } from './artefacts.js'
import { duration, html, type Html } from './html.js'
import { timelineSection } from './timeline-section.js'

export const OUTCOME_TEXT = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  unfinished: 'not finished',
  'not-started': 'not started',
} as const

/** What a scenario that crosses every wire leaves; a page says what of it there is none. */
const USUAL: readonly (readonly [what: string, isThere: (entry: ArtefactEntry) => boolean])[] = [
  ['WeChat conversation', ({ kind }) => kind === 'conversation'],
  ['picture of the code', ({ file }) => file.startsWith('code')],
  ['frame that decoded', ({ file }) => file.startsWith('scanned-frame')],
  ['head unit’s screen', ({ file }) => file.startsWith('head-unit')],
  ['bolt’s position', ({ kind }) => kind === 'bolt-trace'],
  ['CAN log', ({ kind }) => kind === 'can-log'],
]

export function outcomeChip(verdict: ScenarioVerdict): Html {
  const blame = verdict.class ? ` · ${verdict.class}` : ''
  return html`<span class="chip ${verdict.outcome}">${OUTCOME_TEXT[verdict.outcome]}${blame}</span>`
}

/** One scenario with all its evidence. */
export function scenarioArticle(
  folder: string,
  number: number,
  verdict: ScenarioVerdict,
  evidence: ScenarioEvidence | undefined,
): Html {
  const { scenario } = verdict
  return html`<article class="card" id="s${number}">
    <div class="head">
      <h3>${scenario.name}</h3>
      ${outcomeChip(verdict)}<span class="chip fidelity">${verdict.fidelity}</span>
    </div>
    <p class="soft small">
      ${scenario.feature}${scenario.rule !== undefined && ` › ${scenario.rule}`} ·
      ${scenario.uri}${scenario.line !== undefined && `:${scenario.line}`} ·
      ${duration(verdict.durationMs)}${scenario.attempts > 1 && ` · ${scenario.attempts} attempts`} ·
      ${scenario.tags.join(' ')}
    </p>
    ${scenario.notShown !== undefined && html`<div class="gap">Not shown on this rig: ${scenario.notShown}</div>`}
    ${verdict.outcome === 'unfinished' && html`<div class="gap">Not finished: the run ended in the middle of this scenario. What was recorded until then follows.</div>`}
    ${verdict.reasons.map((reason) => html`<div class="reason"><b>${reason.class}</b> · ${reason.name}${reason.party !== undefined && html` · party at fault: <b>${reason.party}</b>`}<br />${firstLines(reason.what)}</div>`)}
    <ol class="steps">
      ${scenario.steps.map(step)}
    </ol>
    ${evidence ? artefacts(join(folder, evidence.folder), evidence) : scenario.startedId !== undefined && html`<div class="gap">No artefacts were recorded for this scenario.</div>`}
    ${evidence && contracts(evidence)} ${evidence && timelineSection(evidence)}
  </article>`
}

const MARKS: Readonly<Record<string, string>> = {
  PASSED: '✓',
  FAILED: '✗',
  SKIPPED: '–',
  UNDEFINED: '?',
  PENDING: '?',
  AMBIGUOUS: '?',
}

function step({ kind, keyword, text, status, durationMs, error }: StepRecord): Html {
  const note =
    status === undefined
      ? 'not reached'
      : status === 'PASSED' || status === 'FAILED'
        ? ''
        : status.toLowerCase()
  return html`<li class="${status ?? 'unreached'} ${kind}">
    <span class="mark">${status === undefined ? '·' : MARKS[status]}</span
    ><span><b>${keyword}</b> ${text} <span class="soft small">${note}</span></span
    ><span class="soft small">${status === 'PASSED' || status === 'FAILED' ? duration(durationMs) : ''}</span
    >${error && html`<pre class="error">${error.stackTrace ?? `${error.type}: ${error.message}`}</pre>`}
  </li>`
}

function artefacts(folder: string, { artefacts, missing }: ScenarioEvidence): Html {
  const of = (kind: ArtefactEntry['kind']) => artefacts.filter((entry) => entry.kind === kind)
  const none = USUAL.filter(([, isThere]) => !artefacts.some(isThere)).map(([what]) => what)
  const pictures = of('picture')
  const known = ['picture', 'conversation', 'bolt-trace', 'can-log', 'contracts', 'text']
  const strange = artefacts.filter(({ kind }) => !known.includes(kind))
  return html`${missing.map((what) => html`<div class="gap">${what}.</div>`)}
  ${
    (pictures.length > 0 || of('conversation').length > 0) &&
    html`<div class="scenes">
      ${of('conversation').map((entry) => conversation(folder, entry))}${
        pictures.length > 0 &&
        html`<div>
          <h4>What was seen</h4>
          <div class="pictures">${pictures.map((entry) => picture(folder, entry))}</div>
        </div>`
      }
    </div>`
  }
  ${of('bolt-trace').map((entry) => boltTrace(folder, entry))}
  ${[...of('can-log'), ...of('text'), ...strange].map((entry) => textBlock(folder, entry))}
  ${none.length > 0 && html`<p class="soft small">Not recorded in this scenario: ${none.join(', ')}.</p>`}`
}

function contracts({ contracts }: ScenarioEvidence): Html {
  if (contracts.length === 0)
    return html`<h4>Contracts</h4>
      <div class="gap">No wire was checked against its contract.</div>`
  return html`<h4>Contracts of the wires</h4>
    <table>
      <thead>
        <tr>
          <th>wire</th>
          <th>messages checked</th>
          <th>verdict</th>
        </tr>
      </thead>
      <tbody>
        ${contracts.map(
          ({ wire, checked, violations }) =>
            html`<tr>
              <td>${wire}</td>
              <td>${checked}</td>
              <td>
                ${
                  violations.length > 0
                    ? violations.map(
                        ({ party, what, at }) =>
                          html`<div>
                            <span class="chip failed">violated by ${party}</span> ${what}
                            <span class="soft small">${at}</span>
                          </div>`,
                      )
                    : checked > 0
                      ? html`<span class="chip passed">kept</span>`
                      : html`<span class="chip">nothing to check</span>`
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`
}

/** The whole text stands with its step. */
function firstLines(text: string): string {
  const lines = text.split('\n')
  return lines.length > 4 ? `${lines.slice(0, 4).join('\n')} …` : text
}
