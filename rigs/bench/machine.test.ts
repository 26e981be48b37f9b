import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireMachine, type Machine } from './machine.js'
import { loadProfile } from './profile.js'
import { RigUnavailable } from './rig-errors.js'

const machine = (platform: string, ...files: string[]): Machine => ({
  platform,
  hasFile: (path) => files.includes(path),
})

function lacks(rig: string, on: Machine): string {
  try {
    requireMachine(loadProfile(rig), on)
    return ''
  } catch (error) {
    assert.ok(error instanceof RigUnavailable)
    return error.message
  }
}

test('the virtual rig needs nothing of any machine', () => {
  for (const platform of ['linux', 'darwin', 'win32']) assert.equal(lacks('virtual', machine(platform)), '')
})

test('each thing that kernel CAN lacks is named, with how to get it', () => {
  assert.match(lacks('vcan', machine('darwin')), /Linux/)
  assert.match(lacks('vcan', machine('linux')), /AF_CAN[\s\S]*modprobe can-raw[\s\S]*user-mode-linux/)
  assert.match(
    lacks('vcan', machine('linux', '/proc/net/can')),
    /no interface vcan0[\s\S]*ip link add dev vcan0/,
  )
  assert.match(lacks('emulated', machine('linux', '/proc/net/can')), /no interface can0[\s\S]*bitrate 500000/)
})

test('a kernel with CAN is not taken for a driver that this version has', () => {
  const whole = machine('linux', '/proc/net/can', '/sys/class/net/vcan0')
  assert.match(lacks('vcan', whole), /no socketcan driver/)
})
