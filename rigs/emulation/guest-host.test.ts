import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { lastProcessor, memoryFolder } from './guest-host.js'

test('the last processor is one that the process may run on', () => {
  assert.equal(lastProcessor('Name:\tnode\nCpus_allowed_list:\t0-1\nMems_allowed_list:\t0\n'), '1')
  assert.equal(lastProcessor('Cpus_allowed_list:\t2,6-11\n'), '11')
  assert.equal(lastProcessor('Cpus_allowed_list:\t5\n'), '5')
  assert.match(lastProcessor(''), /^\d+$/)
})

test("shared memory holds a guest's memory only where there is enough of it, and where it may be executed", () => {
  const bytes = 2 ** 31
  const enough = () => bytes
  const mounts = (options: string) => `proc /proc proc rw 0 0\ntmpfs /dev/shm tmpfs ${options} 0 0\n`
  assert.equal(memoryFolder(bytes, { mounts: mounts('rw,relatime'), free: enough }), '/dev/shm')
  assert.equal(memoryFolder(bytes, { mounts: mounts('rw,nosuid,noexec'), free: enough }), tmpdir())
  assert.equal(memoryFolder(bytes, { mounts: mounts('rw'), free: () => 2 ** 26 }), tmpdir())
  assert.equal(memoryFolder(bytes, { mounts: '', free: enough }), tmpdir())
})
