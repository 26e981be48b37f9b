import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addonRecord, binaryHashes, PREBUILT, sourcesHash } from './addon-sources.js'

test('the committed addon was built of the sources as they are', () => {
  const { sources, binaries } = addonRecord()
  assert.equal(sources, sourcesHash(), 'the sources have changed since: npm run build:can-addon')
  assert.deepEqual(binaries, binaryHashes(PREBUILT))
})
