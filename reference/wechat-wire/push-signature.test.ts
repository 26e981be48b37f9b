import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signPush } from './push-signature.js'

test('signs as the platform’s published vectors say', () => {
  assert.equal(signPush('AAAAA', '1714036504', '1514711492'), 'f464b24fc39322e44b38aa78f5edd27bd1441696')
  assert.equal(signPush('AAAAA', '1714037059', '486452656'), '899cf89e464efb63f54ddac96b0a0a235f53aa78')
})
