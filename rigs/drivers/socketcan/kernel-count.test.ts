import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KernelCount } from './kernel-count.js'
import { everyFrame, landmark, matchesOf } from './receive-list.js'

function hear(count: KernelCount, from: number, to: number): number {
  let lost = 0
  for (let timestampUs = from; timestampUs <= to; timestampUs++) lost += count.hear(timestampUs)
  return lost
}

test('frames that still wait in the socket are not lost', () => {
  const count = new KernelCount()
  hear(count, 1, 10)
  count.check(15, 15)
  assert.equal(hear(count, 11, 20), 0)
  assert.equal(count.quiet(), 0)
})

test('what was matched before a checkpoint and has not come before a later frame is lost, and told once', () => {
  const count = new KernelCount()
  hear(count, 1, 10)
  count.check(15, 15)
  assert.equal(count.hear(16), 5)
  assert.equal(hear(count, 17, 20), 0)
  count.check(20, 20)
  assert.equal(count.hear(21), 0, '15 heard, 5 lost')
  count.check(23, 23)
  assert.equal(count.quiet(), 2 - 0)
})

test('frames at the end of a burst are missed when nothing follows', () => {
  const count = new KernelCount()
  hear(count, 1, 10)
  count.check(12, 12)
  assert.equal(count.quiet(), 2)
  assert.equal(count.quiet(), 0)
})

test('the last look at the end of a burst replaces an earlier one, a look within it does not', () => {
  const last = new KernelCount()
  hear(last, 1, 10)
  last.check(10, 10)
  last.checkLast(17, 12)
  assert.equal(last.quiet(), 7)
  const within = new KernelCount()
  hear(within, 1, 10)
  within.check(15, 15)
  within.check(30, 30)
  assert.equal(within.hear(16), 5)
})

test('frames that were there before the kernel counted do not hide a later loss', () => {
  const count = new KernelCount()
  hear(count, 1, 10)
  count.check(8, 10)
  assert.equal(count.quiet(), 0)
  count.check(11, 13)
  assert.equal(count.hear(14), 3)
})

/** /proc/net/can/rcvlist_inv and rcvlist_fil of Linux 6.1, with other sockets' entries. */
const INVERTED = `
receive list 'rx_inv':
  (any: no entry)
  device   can_id   can_mask      function          userdata       matches  ident
   vcan0   12345678    1fffffff  0000000016a786e9  0000000088e7dfd4       1234  raw
   vcan1   12345678    1fffffff  0000000016a786e9  0000000088e7dfd4          9  raw
   vcan0     123    000007ff  0000000016a786e9  0000000088e7dfd4         77  raw
`
const FILTERED = `
receive list 'rx_fil':
  (any: no entry)
  device   can_id   can_mask      function          userdata       matches  ident
   vcan0   d2345678  dfffffff  0000000016a786e9  0000000088e7dfd4         2  raw
   vcan0     123    000007ff  0000000016a786e9  0000000088e7dfd4         77  j1939
`

test("a filter of ours is found among other sockets' by its identifier, mask and interface", () => {
  const [inverted, direct] = everyFrame(0x12345678)
  assert.equal(matchesOf(inverted, 'vcan0', INVERTED), 1_234)
  assert.equal(matchesOf(inverted, 'vcan1', INVERTED), 9)
  assert.equal(matchesOf(direct, 'vcan0', FILTERED), undefined)
  assert.equal(matchesOf(landmark(0x12345678), 'vcan0', FILTERED), 2)
  assert.equal(matchesOf({ list: 'rcvlist_fil', id: 0x123, mask: 0x7ff }, 'vcan0', FILTERED), undefined)
})
