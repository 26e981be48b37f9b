import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { CLOUD_MIGRATIONS } from '../../reference/cloud/migrations/cloud-migrations.js'
import { PLATFORM_MIGRATIONS } from '../../reference/platform/migrations/platform-migrations.js'
import type { Migration } from '../../reference/sql/migration.js'

/**
 * The migrations that stores out there may have run, by the hash of what they do. A new one is added here with its
 * commit; one that stands here is never edited: a store that has run it would not be what the next one starts from.
 */
const PINNED: Readonly<Record<string, string>> = {
  'cloud 1 cloud': '86078515b7c1876f',
  'cloud 2 several-instances': '71ba1b957414b446',
  'cloud 3 planning': '6b1a354e5c86624e',
  'cloud 4 push-signatures': '56f8738ad43af9b2',
  'cloud 5 held-pushes': 'ba9b3b80979646f3',
  'cloud 6 retention': 'b5a02388bfbfe8f9',
  'platform 1 reservations': '579599f440e5a1e8',
  'platform 2 lock-said': 'ae312279b59c05ea',
  'platform 3 several-instances': '39a04ade19e7e2f7',
  'platform 4 city': '1ed418bb8a341dbd',
  'platform 5 access': '89db32278b43a67e',
  'platform 6 lock-silence': '00ce5a1ac077e037',
  'platform 7 command-answers': 'bb8d00b5990502a9',
  'platform 8 lock-clocks': '58a1eab0ca9ba8e6',
  'platform 9 retention': '9cf56f97f0e67a02',
  'platform 10 posted-at': '4ce3abff6be4c685',
}

function pins(party: string, migrations: readonly Migration[]): [string, string][] {
  return migrations.map(({ version, name, statements }) => [
    `${party} ${version} ${name}`,
    createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 16),
  ])
}

test('migrations are only ever added', () => {
  const found = [...pins('cloud', CLOUD_MIGRATIONS), ...pins('platform', PLATFORM_MIGRATIONS)]
  assert.deepEqual(Object.fromEntries(found), PINNED)
})

test('versions count up by one', () => {
  for (const migrations of [CLOUD_MIGRATIONS, PLATFORM_MIGRATIONS]) {
    assert.deepEqual(
      migrations.map(({ version }) => version),
      migrations.map((_, i) => i + 1),
    )
  }
})
