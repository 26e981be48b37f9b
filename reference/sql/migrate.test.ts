import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { PLATFORM_MIGRATIONS } from '../platform/migrations/platform-migrations.js'
import { migrate, StoreDamaged, StoreIsNewer } from './migrate.js'

test('a store of a later release, or one that has lost its count, is not used', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  const start = () => migrate(store, 'platform', PLATFORM_MIGRATIONS, 0)
  await start()
  await start()
  await store.execute("DELETE FROM platform_sequences WHERE name = 'messages'")
  await assert.rejects(start(), StoreDamaged)
  await store.execute("INSERT INTO platform_sequences VALUES ('messages', 0)")
  await store.execute("INSERT INTO platform_schema_versions VALUES (99, 'later', 0)")
  await assert.rejects(start(), StoreIsNewer)
})
