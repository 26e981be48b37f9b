import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { addJunitProperties } from './junit-properties.js'
import type { RunRecord } from './run-record.js'

const RUN: RunRecord = {
  runId: 'r',
  startedAt: '',
  rig: 'a <rig> & "more"',
  fidelity: 'virtual',
  wires: [],
  parties: [{ party: 'cloud', url: 'https://cloud.example' }, { party: 'platform' }],
  attestation: {},
}
const CUCUMBERS =
  '<?xml version="1.0"?>\n<testsuite name="Cucumber" time="1.2" tests="1" skipped="0" failures="0" errors="0">\n' +
  '  <testcase classname="a" name="b &lt;c>" time="1"/>\n</testsuite>'

test('what ran stands in the JUnit file, once, and any reader of XML finds it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'junit-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'junit.xml')
  addJunitProperties(folder, RUN)
  writeFileSync(file, CUCUMBERS)
  addJunitProperties(folder, undefined)
  assert.equal(readFileSync(file, 'utf8'), CUCUMBERS)
  addJunitProperties(folder, RUN)
  addJunitProperties(folder, RUN)
  const xml = readFileSync(file, 'utf8')
  assert.equal(XMLValidator.validate(xml), true)
  const { testsuite } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml) as {
    testsuite: { properties: { property: { name: string; value: string }[] }; testcase: object }
  }
  assert.ok(testsuite.testcase)
  assert.deepEqual(
    testsuite.properties.property.map(({ name, value }) => [name, value]),
    [
      ['rig', 'a <rig> & "more"'],
      ['fidelity', 'virtual'],
      ['party.cloud', 'https://cloud.example'],
      ['party.platform', 'reference'],
    ],
  )
})
