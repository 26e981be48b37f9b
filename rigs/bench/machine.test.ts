import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProbedSystem } from '../drivers/socketcan/interface-probe.js'
import { requireMachine } from './machine.js'
import { loadProfile } from './profile.js'
import { RigUnavailable } from './rig-errors.js'

const system = (platform: string, files: Readonly<Record<string, string>> = {}): ProbedSystem => ({
  platform,
  release: '6.1.0',
  read: (path) => files[path],
  list: (path) => [
    ...new Set(
      Object.keys(files)
        .filter((file) => file.startsWith(`${path}/`))
        .map((file) => file.slice(path.length + 1).split('/')[0] ?? ''),
    ),
  ],
  exists: (path) => Object.keys(files).some((file) => file === path || file.startsWith(`${path}/`)),
  linkDetails: async () => JSON.stringify([{ linkinfo: { info_kind: 'vcan' } }]),
})

async function lacks(rig: string, on: ProbedSystem): Promise<string> {
  try {
    await requireMachine(loadProfile(rig), on)
    return ''
  } catch (error) {
    assert.ok(error instanceof RigUnavailable, String(error))
    return error.message
  }
}

const WITH_CAN = { '/proc/net/can/stats': '' }

test('the virtual rig needs nothing of any machine', async () => {
  for (const platform of ['linux', 'darwin', 'win32']) {
    assert.equal(await lacks('virtual', system(platform)), '')
  }
})

test('each thing that kernel CAN lacks is named, with how to get it', async () => {
  assert.match(await lacks('vcan', system('darwin')), /Linux/)
  assert.match(await lacks('vcan', system('linux')), /has no CAN[\s\S]*npm run test:vcan/)
  assert.match(await lacks('vcan', system('linux', WITH_CAN)), /vcan0[\s\S]*ip link add dev vcan0/)
  assert.match(await lacks('emulated', system('linux', WITH_CAN)), /can0/)
})

test('a machine with vcan carries the vcan rig', async () => {
  const vcan = {
    ...WITH_CAN,
    '/sys/class/net/vcan0/type': '280',
    '/sys/class/net/vcan0/flags': '0x41',
    '/sys/class/net/vcan0/mtu': '72',
    '/sys/class/net/vcan0/ifindex': '2',
    '/sys/class/net/vcan0/operstate': 'unknown',
  }
  assert.equal(await lacks('vcan', system('linux', vcan)), '')
})

test('a camera’s device that is not there is named, with how to see what is', async () => {
  const profile = { ...loadProfile('virtual'), camera: { url: 'v4l2:/dev/video7?size=640x480' } }
  const lacking = (on: ProbedSystem) => requireMachine(profile, on).then(() => '', String)
  assert.match(await lacking(system('linux')), /RigUnavailable.*no \/dev\/video7[^]*--list-devices/)
  assert.match(await lacking(system('darwin')), /RigUnavailable.*V4L2 is Linux/)
  assert.equal(await lacking(system('linux', { '/dev/video7': '' })), '')
})
