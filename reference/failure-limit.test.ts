import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { FailureLimit } from './failure-limit.js'

/** How many of the requests, one from each address, are answered in full. */
async function answered(t: TestContext, addresses: readonly (string | undefined)[], perMinute?: number) {
  const limit = new FailureLimit(perMinute)
  t.after(() => limit.close())
  let count = 0
  for (const remoteAddress of addresses) if (await limit.lets({ socket: { remoteAddress } })) count++
  return count
}

const each = (address: (n: number) => string) => Array.from({ length: 70 }, (_, i) => address(i + 1))

test('all addresses of an IPv6 network of 64 bits count as one source', async (t) => {
  const network = each((n) => `2001:db8:1:2:${n.toString(16)}::${n.toString(16)}`)
  assert.equal(await answered(t, network), 60)
  assert.equal(await answered(t, [...network, '2001:db8:1:3::1']), 61)
})

test('each IPv4 address counts by itself, written as IPv6 or not', async (t) => {
  assert.equal(
    await answered(
      t,
      each((n) => `192.0.2.${n}`),
    ),
    70,
  )
  assert.equal(
    await answered(
      t,
      each((n) => `::ffff:192.0.2.${n}`),
    ),
    70,
  )
  assert.equal(await answered(t, ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201'], 1), 1)
})

test('an address with a zone, and none at all, are counted too', async (t) => {
  assert.equal(await answered(t, ['fe80::1%eth0', 'fe80::2%eth0', undefined, undefined], 1), 2)
})
