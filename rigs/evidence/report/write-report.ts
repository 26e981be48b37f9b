import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readEvaluatedRun, type EvaluatedRun } from '../evaluated-run.js'
import { html, Html } from './html.js'
import { headline, proofs, requirementTable, scenarioTable, wireTable } from './overview.js'
import { scenarioArticle } from './scenario.js'
import { STYLE } from './style.js'

/**
 * Writes `report.html` into an evidence folder: one file that opens from disk and fetches nothing. A pure function of
 * the folder's content: the same folder gives the same bytes, wherever it lies and whenever it is read.
 * @returns path of the report
 */
export async function writeReport(folder: string): Promise<string> {
  const file = join(folder, 'report.html')
  await writeFile(file, renderReport(readEvaluatedRun(folder)))
  return file
}

/** Even if something got past the escaping, the page may neither run scripts nor reach the network. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

export function renderReport({ evidence, verdict, coverage }: EvaluatedRun): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>
          Lockstep report · ${evidence.run?.rig ?? 'no rig'} · ${verdict.passed} passed, ${verdict.failed}
          failed
        </title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${headline(evidence, verdict)} ${proofs(evidence)} ${wireTable(evidence)}
          ${requirementTable(coverage, verdict.scenarios)} ${scenarioTable(verdict.scenarios)}
          ${verdict.scenarios.map((scenario, i) => scenarioArticle(evidence.folder, i + 1, scenario, evidence.scenarios.get(scenario.scenario.startedId ?? '')))}
          <footer>
            Codes, openids and credentials appear as fingerprints of a key that was not kept; pictures of
            codes belong to synthetic users. Times in a timeline are of one host’s monotonic clock; the bolt’s
            are the board’s own.
          </footer>
        </main>
      </body>
    </html> `
  return page.markup
}
