import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renewWindow, takeFromWindow, type Contact, type MessageWindow } from './message-window.js'

const HOURS_48 = 48 * 3_600_000

test('five messages after one of the user’s, until 48 hours have passed, a second either side', () => {
  const window: MessageWindow = {}
  assert.deepEqual(takeFromWindow(window, 0), { errcode: 45015 })
  renewWindow(window, 'message', 0)
  for (let i = 0; i < 5; i++) assert.equal(takeFromWindow(window, 1), 'taken')
  assert.deepEqual(takeFromWindow(window, 1), { errcode: 45047 })
  renewWindow(window, 'message', 1_000)
  assert.equal(takeFromWindow(window, HOURS_48), 'taken')
  assert.deepEqual(takeFromWindow(window, 1_000 + HOURS_48), { errcode: 45015 })
  assert.deepEqual(takeFromWindow(window, 2_000 + HOURS_48), { errcode: 45015 })
})

for (const contact of ['menu', 'subscribe', 'scan'] satisfies Contact[]) {
  test(`three messages within the minute after a contact by ${contact}, a second either side`, () => {
    const window: MessageWindow = {}
    renewWindow(window, contact, 0)
    for (let i = 0; i < 3; i++) assert.equal(takeFromWindow(window, 59_000), 'taken')
    assert.deepEqual(takeFromWindow(window, 59_000), { errcode: 45047 })
    renewWindow(window, contact, 0)
    assert.deepEqual(takeFromWindow(window, 60_000), { errcode: 45015 })
    assert.deepEqual(takeFromWindow(window, 61_000), { errcode: 45015 })
  })
}

test('the minute’s messages are spent before those of a message', () => {
  const window: MessageWindow = {}
  renewWindow(window, 'message', 0)
  renewWindow(window, 'subscribe', 0)
  for (let i = 0; i < 4; i++) assert.equal(takeFromWindow(window, 59_999), 'taken')
  // four of the eight are gone; with the minute over, four of the message's five are left
  for (let i = 0; i < 4; i++) assert.equal(takeFromWindow(window, 60_000), 'taken')
  assert.deepEqual(takeFromWindow(window, 60_000), { errcode: 45047 })
})
