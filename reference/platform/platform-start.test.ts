import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PlatformRig } from '../../rigs/conformance/platform/platform-rig.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { Space } from '../contracts/platform-api.js'
import { BrokerUnavailable } from './lock-link.js'
import { StoreIsNewer } from '../sql/migrate.js'
import { InventoryInvalid } from './inventory.js'

describe('starting the platform', () => {
  it('says what is wrong, leaves nothing running, and works once that is mended', async () => {
    const rig = await PlatformRig.start(await openTestStore())
    try {
      await rig.stopPlatform()
      await rig.stopPlatform()
      const { url } = rig.broker
      const item = {
        bayId: 'B-1',
        label: 'bay',
        lockId: 'L-1',
        location: { latitude: 31, longitude: 121 },
        pricePerHourFen: 0,
      }
      const failures = [
        [{ broker: { url, username: 'platform', password: 'guess' } }, BrokerUnavailable],
        [{ broker: { url: 'mqtt://127.0.0.1:1', username: 'platform', password: 'p' } }, BrokerUnavailable],
        [{ inventory: [item, { ...item, bayId: 'B-2' }] }, InventoryInvalid],
        [{ inventory: [{ ...item, bayId: 'B/1' }] }, { name: 'MalformedIdentifier' }],
        [{ port: Number(new URL(url).port) }, { code: 'EADDRINUSE' }],
      ] as const
      for (const [changes, failure] of failures) await assert.rejects(rig.startPlatform(changes), failure)
      await rig.startPlatform()
      assert.equal((await rig.request('GET', '/v1/spaces')).status, 200)
    } finally {
      await rig.close()
    }
  })

  it('lets a lock move to another bay', async () => {
    const rig = await PlatformRig.start(await openTestStore())
    try {
      await rig.stopPlatform()
      const location = { latitude: 31, longitude: 121 }
      await rig.startPlatform({
        inventory: [{ bayId: 'B-1', label: 'bay', lockId: 'L-17', location, pricePerHourFen: 0 }],
      })
      const { body } = await rig.request<{ spaces: Space[] }>('GET', '/v1/spaces')
      assert.deepEqual(
        body.spaces.map((space) => [space.bayId, space.lockId]),
        [['B-1', 'L-17']],
      )
    } finally {
      await rig.close()
    }
  })

  it('does not touch the store of a later release', async () => {
    const rig = await PlatformRig.start(await openTestStore())
    try {
      await rig.stopPlatform()
      await rig.store.execute("INSERT INTO platform_schema_versions VALUES (99, 'later', 0)")
      await assert.rejects(rig.startPlatform(), StoreIsNewer)
    } finally {
      await rig.close()
    }
  })
})
