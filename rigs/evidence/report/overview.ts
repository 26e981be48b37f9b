import type { RunRecord } from '../run-record.js'
import type { Evidence } from '../evidence-folder.js'
import type { RequirementCoverage } from '../requirement-coverage.js'
import type { RunVerdict, ScenarioVerdict } from '../verdict.js'
import { duration, html, type Html } from './html.js'
import { outcomeChip } from './scenario.js'

const CLASS_TEXT = {
  product: 'The product failed',
  usage: 'What was asked for cannot be used; this says nothing about the product',
  rig: 'The rig or the suite failed; this says nothing certain about the product',
  'safe-state': 'The safe state could not be confirmed',
} as const

export function headline({ run, missing }: Evidence, verdict: RunVerdict): Html {
  const title = verdict.class ? CLASS_TEXT[verdict.class] : 'Passed'
  return html`<header>
      <p class="soft small">Lockstep acceptance report · rig ${run?.rig ?? 'not known'}</p>
    </header>
    <section class="card verdict ${verdict.class ? 'failed' : 'passed'}">
      <div class="head">
        <h1>${title}</h1>
        <span class="chip ${verdict.class ? 'failed' : 'passed'}">exit ${verdict.exitCode}</span
        ><span class="chip fidelity">${verdict.fidelity}</span>
      </div>
      <p class="soft">${FIDELITY_TEXT[verdict.fidelity]}</p>
      <div class="figures">
        <span><b>${verdict.passed}</b>passed</span
        ><span><b>${verdict.failed}</b>failed</span
        >${verdict.notExecuted > 0 && html`<span><b>${verdict.notExecuted}</b>not executed</span>`}<span
          ><b>${verdict.scenarios.length}</b>scenarios</span
        >
      </div>
      ${verdict.failed > 0 && html`<p class="soft small">Of those that failed: ${blamed(verdict)}</p>`}
      ${verdict.reasons.map((reason) => html`<div class="reason"><b>${reason.class}</b> · ${reason.name}<br />${reason.what}</div>`)}
      ${missing.length > 0 && html`<div class="gap"><b>Missing evidence</b><br />${missing.map((what) => html`${what}<br />`)}</div>`}
    </section>`
}

/** Who is to blame for how many scenarios; the headline names the worst class only. */
function blamed({ scenarios }: RunVerdict): string {
  const count = (blame: keyof typeof CLASS_TEXT) =>
    scenarios.filter((verdict) => verdict.class === blame).length
  return `${count('product')} by the product, ${count('rig')} by the rig or the suite, ${count('safe-state')} by the safe state.`
}

const FIDELITY_TEXT = {
  virtual: 'Every result here comes from simulated parts: it is no evidence about real hardware.',
  kernel: 'The least real wire was carried by a real kernel’s virtual device.',
  emulated: 'The least real wire was carried by real drivers on emulated hardware.',
  lab: 'Every wire was real hardware.',
} as const

const SAFE_STATE_TEXT: Readonly<Record<string, string>> = {
  asked: 'At the end of the run the supervisor took the actuator’s power away and read it back.',
  'runner-lost': 'The run was lost; the supervisor took the actuator’s power away and read it back.',
  'client-lost':
    'The lock controller was lost; the supervisor took the actuator’s power away and read it back.',
  terminated: 'The supervisor was ended; it took the actuator’s power away first and read it back.',
  'board-link-lost': 'The line to the board was lost',
}

export function proofs({ run, safeState }: Evidence): Html {
  return html`<h2>Proofs</h2>
    <div class="two">
      <section class="card">
        <div class="head">
          <h3>Safe state</h3>
          <span class="chip ${safeState?.confirmed ? 'passed' : 'failed'}"
            >${safeState?.confirmed ? 'confirmed' : 'not confirmed'}</span
          >
        </div>
        ${
          safeState
            ? html`<p>
                  ${SAFE_STATE_TEXT[safeState.reason] ?? safeState.reason}${safeState.problem ? `: ${safeState.problem}` : ''}
                </p>
                ${definitions({ at: safeState.finishedAt, ...safeState.readback })}`
            : html`<div class="gap">There is no proof: safe-state.json is missing or damaged.</div>`
        }
      </section>
      <section class="card">
        <h3>What ran</h3>
        ${run ? definitions({ run: run.runId, started: run.startedAt, finished: run.finishedAt ?? 'not recorded: the run was cut off', ...partyTexts(run), ...run.attestation }) : html`<div class="gap">Not attested: run.json is missing or damaged.</div>`}
      </section>
    </div>`
}

/** Which implementation each party was that may be a user's own. */
function partyTexts({ parties }: RunRecord): Readonly<Record<string, string>> {
  return Object.fromEntries(
    parties.map(({ party, url }) => [
      party,
      url === undefined ? 'reference implementation' : `external, ${url}`,
    ]),
  )
}

function definitions(fields: Readonly<Record<string, unknown>>): Html {
  return html`<dl>
    ${Object.entries(fields).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd class="mono">${typeof value === 'string' ? value : JSON.stringify(value)}</dd>`,
    )}
  </dl>`
}

export function wireTable({ run }: Evidence): Html {
  return html`<h2>Wires</h2>
    <section class="card wide">
      ${
        run && run.wires.length > 0
          ? html`<table>
              <thead>
                <tr>
                  <th>wire</th>
                  <th>between</th>
                  <th>fidelity</th>
                  <th>carried by</th>
                </tr>
              </thead>
              <tbody>
                ${run.wires.map(
                  (wire) =>
                    html`<tr>
                      <td>${wire.wire}</td>
                      <td>${wire.from} → ${wire.to}</td>
                      <td><span class="chip fidelity">${wire.fidelity}</span></td>
                      <td>${wire.by}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`
          : html`<div class="gap">The run did not record what carried its wires.</div>`
      }
    </section>`
}

export function requirementTable(
  coverage: readonly RequirementCoverage[],
  verdicts: readonly ScenarioVerdict[],
): Html {
  const passed = coverage.filter(({ status }) => status === 'passed').length
  return html`<h2>Requirements</h2>
    <section class="card wide">
      <p>${passed} of ${coverage.length} shown by executed scenarios.</p>
      <table>
        <thead>
          <tr>
            <th>id</th>
            <th>requirement</th>
            <th>verdict</th>
            <th>fidelity</th>
            <th style="width:38%">shown by</th>
          </tr>
        </thead>
        <tbody>
          ${coverage.map(
            ({ requirement, status, fidelity, scenarios }) =>
              html`<tr>
                <td class="nowrap">${requirement.id}</td>
                <td>${requirement.text} <span class="soft small">(${requirement.source})</span></td>
                <td><span class="chip ${status}">${status}</span></td>
                <td>${fidelity !== undefined && html`<span class="chip fidelity">${fidelity}</span>`}</td>
                <td>
                  ${
                    scenarios.length === 0
                      ? '–'
                      : scenarios.map(
                          (verdict) =>
                            html`<a href="#s${verdicts.indexOf(verdict) + 1}">${verdict.scenario.name}</a
                              ><br />`,
                        )
                  }
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`
}

export function scenarioTable(verdicts: readonly ScenarioVerdict[]): Html {
  return html`<h2>Scenarios</h2>
    <section class="card wide">
      <table>
        <thead>
          <tr>
            <th>scenario</th>
            <th>verdict</th>
            <th>fidelity</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${verdicts.map(
            (verdict, i) =>
              html`<tr>
                <td>
                  <a href="#s${i + 1}">${verdict.scenario.name}</a><br /><span class="soft small"
                    >${verdict.scenario.feature}</span
                  >
                </td>
                <td>${outcomeChip(verdict)}</td>
                <td><span class="chip fidelity">${verdict.fidelity}</span></td>
                <td class="n soft">${duration(verdict.durationMs)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`
}
