import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { test } from 'node:test'
import { addonFile, loadAddon, type KernelSocketApi } from './kernel-socket.js'

const here = addonFile(process.platform, process.arch)
const noAddon = existsSync(here) ? false : `there is no addon for ${process.platform} on ${process.arch}`

test('the addon loads where this machine has one, and elsewhere the error names the file', () => {
  if (noAddon) return assert.throws(loadAddon, new RegExp(`${process.platform}-${process.arch}`))
  assert.deepEqual(Object.keys(loadAddon()).sort(), ['awaitRoom', 'close', 'open', 'receive', 'send'])
})

test('whatever it is called with, the addon throws and the process lives', { skip: noAddon }, () => {
  const api = loadAddon() as unknown as Record<keyof KernelSocketApi, (...args: unknown[]) => unknown>
  const filters = new Uint32Array(2)
  const listener = () => undefined
  const values = [undefined, null, 0, -1, 1e99, 'text', 1n, {}, [], Symbol('s'), filters, listener]
  for (const value of values) {
    for (const call of ['receive', 'send', 'awaitRoom', 'close'] as const) {
      assert.throws(() => api[call](value, 0, 1), TypeError)
    }
    for (let place = 0; place < 6; place++) {
      const args: unknown[] = ['one', 'two', true, 16, filters, listener]
      args[place] = value
      assert.throws(() => api.open(...args), TypeError)
    }
  }
  assert.throws(() => api.open(), TypeError)
  assert.throws(() => api.open(1, false, false, 16, new Uint32Array(3), listener), /id and mask in turn/)
  assert.throws(() => api.open(1, false, false, 0, null, listener), TypeError)
})

test('what the kernel refuses has the number of its error, and which call it was', { skip: noAddon }, () => {
  const noInterface = 0x7fff_fff0
  assert.throws(
    () => loadAddon().open(noInterface, true, true, 16, Uint32Array.of(0x123, 0x7ff), () => undefined),
    // Without CAN in the kernel the socket, with it the interface.
    ({ errno, syscall }: NodeJS.ErrnoException) =>
      (syscall === 'socket' && errno === constants.errno.EAFNOSUPPORT) ||
      (syscall === 'bind' && errno === constants.errno.ENODEV),
  )
})
