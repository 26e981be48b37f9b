import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCommand, MissingDebianPackages, requireDebianPackages } from './debian-packages.js'

test('commands that are here are found, and ask for nothing', () => {
  assert.equal(findCommand('sh')?.endsWith('/sh'), true)
  requireDebianPackages('a shell', [{ command: 'sh', package: 'dash' }])
})

test('all packages that are lacking are named at once, in a line that installs them', () => {
  assert.throws(
    () =>
      requireDebianPackages('a test', [
        { command: 'sh', package: 'dash' },
        { command: 'no-such-command-b', package: 'b-package' },
        { pythonModule: 'no_such_module', package: 'a-package' },
        { file: '/no/such/header.h', package: 'c-package' },
      ]),
    (error) =>
      error instanceof MissingDebianPackages &&
      error.message.includes(
        "no-such-command-b, Python's no_such_module, /no/such/header.h, which are not here",
      ) &&
      error.message.endsWith('apt-get install -y --no-install-recommends a-package b-package c-package'),
  )
})
