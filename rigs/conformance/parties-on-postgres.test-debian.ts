import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../reference/package-root.js'
import { startPostgresServer } from '../debian-services/postgres-server.js'
import { TEST_POSTGRES } from './test-store.js'

/** Parties whose tests take their store from `openTestStore`. */
const PARTIES = ['platform', 'cloud']

test('the tests of the parties pass on PostgreSQL as they do on libsql', async (t) => {
  const server = await startPostgresServer()
  t.after(() => server.close())
  const files = PARTIES.flatMap((party) =>
    readdirSync(join(packageRoot, 'reference', party))
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => join(packageRoot, 'dist', 'reference', party, file.replace(/\.ts$/, '.js'))),
  )
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env // or the child would report to this runner, not to us
  const child = spawn(
    process.execPath,
    ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
    {
      env: { ...environment, [TEST_POSTGRES]: server.url('test') },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let report = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (report += text))
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 0, report)
  assert.ok(server.countSchemas('test_') > 20, 'the tests have used PostgreSQL')
})
