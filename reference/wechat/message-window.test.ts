import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageWindow } from './message-window.js'

const HOURS_48 = 48 * 3_600_000

test('five messages after one of the user’s, until 48 hours have passed', () => {
  const window = new MessageWindow()
  assert.deepEqual(window.take(0), { errcode: 45015 })
  window.renew('message', 0)
  for (let i = 0; i < 5; i++) assert.equal(window.take(1), 'taken')
  assert.deepEqual(window.take(1), { errcode: 45047 })
  window.renew('message', 1_000)
  assert.equal(window.take(1_000 + HOURS_48 - 1), 'taken')
  assert.deepEqual(window.take(1_000 + HOURS_48), { errcode: 45015 })
})

test('three messages within the minute after a subscription, spent before those of a message', () => {
  const window = new MessageWindow()
  window.renew('message', 0)
  window.renew('subscribe', 0)
  for (let i = 0; i < 8; i++) assert.equal(window.take(59_999), 'taken')
  assert.deepEqual(window.take(59_999), { errcode: 45047 })
  window.shut()
  assert.deepEqual(window.take(59_999), { errcode: 45015 })
})
