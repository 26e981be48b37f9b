import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../../reference/package-root.js'
import { openTestStore } from '../conformance/test-store.js'
import { PlatformRig } from '../conformance/platform/platform-rig.js'

const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
const run = promisify(execFile)

function cityFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-inventory-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'city.csv')
  writeFileSync(
    file,
    '编号,纬度,经度,价格\nC-1,31.2304,121.4737,7.5\nC-2,31.2305,nowhere,7.5\nB-17,31.2304,121.4737,9\n',
  )
  return file
}

const FLAGS = ['--column', 'bayId=编号', '--column', 'latitude=纬度', '--column', 'longitude=经度']
const PRICE = ['--column', 'pricePerHourYuan=价格']

/** @returns the exit code, and what was printed */
async function lockstep(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  try {
    const { stdout, stderr } = await run(process.execPath, [LOCKSTEP, 'inventory', ...args], {
      env: { ...process.env, ...env },
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

test('a city’s file goes into a platform that runs; bad rows are told, the others are in', async (t) => {
  const rig = await PlatformRig.start(await openTestStore())
  t.after(() => rig.close())
  const file = cityFile(t)
  // B-17 is there already, with a lock of its own: a row that names none gives the bay's lock another name.
  const flags = [file, '--datum', 'WGS-84', ...FLAGS, ...PRICE, '--platform', rig.url]
  const token = { LOCKSTEP_OPERATOR_TOKEN: 'the-operator-s-token' }
  const { code, stdout } = await lockstep([...flags, '--json'], token)
  const { bad, ...counts } = JSON.parse(stdout) as { bad: { line: number; field: string }[] }
  assert.deepEqual([code, counts], [0, { file, datum: 'WGS-84', bays: 2, badRows: 1, changed: 2 }])
  assert.deepEqual([bad[0]?.line, bad[0]?.field], [3, 'longitude'])
  const { body } = await rig.request<{ pricePerHourFen: number }>('GET', '/v1/spaces/C-1')
  assert.equal(body.pricePerHourFen, 750)
  assert.equal((await rig.request('GET', '/v1/spaces/B-18')).status, 200, 'other bays stay')
  assert.match((await lockstep(flags, token)).stdout, /^2 bays, 1 bad rows; 0 of them new or changed/m)
  const refused = await lockstep(flags, { LOCKSTEP_OPERATOR_TOKEN: 'a-guessed-token' })
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /PlatformLoadFailed.*unauthorised/)
})

test('what cannot be used is a usage error by name', async (t) => {
  const file = cityFile(t)
  for (const [args, why] of [
    [[file], /datum/],
    [[file, '--datum', 'BD-09'], /WGS-84, GCJ-02/],
    [[file, '--datum', 'WGS-84'], /no column "bayId".*编号/],
    [[file, '--datum', 'WGS-84', '--column', 'bay=编号'], /the fields are bayId/],
    [[file, '--datum', 'WGS-84', ...FLAGS, ...PRICE, '--strict'], undefined],
    [[file, '--datum', 'WGS-84', '--platform', 'http://127.0.0.1:1'], /LOCKSTEP_OPERATOR_TOKEN/],
    [['/nowhere.csv', '--datum', 'WGS-84'], /InventoryFileUnreadable/],
  ] as const) {
    const { code, stderr } = await lockstep(args, { LOCKSTEP_OPERATOR_TOKEN: undefined })
    assert.equal(code, 2, args.join(' '))
    if (why) assert.match(stderr, why)
  }
})
