import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, isMeantForLoopback } from './host-check.js'

const meant = (host: string | undefined, names: readonly string[] = []) =>
  isMeantForLoopback({ headers: host === undefined ? {} : { host } }, names)

test('what listens on loopback is told from what the network reaches', () => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', 'localhost', 'a.localhost']) {
    assert.ok(isLoopback(host), host)
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.1.2',
    'localhost.example',
    '127.0.0.1.example',
    '128.0.0.1',
  ]) {
    assert.ok(!isLoopback(host), host)
  }
})

test('a request on loopback is meant for it only under a name of loopback, or one that is allowed', () => {
  for (const host of [
    undefined,
    '127.0.0.1:8080',
    'localhost',
    'LOCALHOST:1',
    'localhost.:80',
    'p.localhost:1',
    '[::1]:80',
  ]) {
    assert.ok(meant(host), host)
  }
  for (const host of [
    '',
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil@127.0.0.1',
    '127.0.0.1/x',
    '[::2]:80',
    '0.0.0.0:80',
    'localhost evil',
  ]) {
    assert.ok(!meant(host), host)
  }
  assert.ok(meant('Cloud.Lab.Example:8080', ['cloud.lab.example']))
})
