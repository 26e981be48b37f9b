/** Needs Debian's python3-can, python3-msgpack, iproute2 and util-linux: `apt-get install python3-can iproute2`. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

interface Frame {
  readonly id: number
  readonly data: string
  readonly extended: boolean
  readonly remote?: boolean
  readonly remoteLength?: number
  readonly fd?: boolean
  readonly bitrateSwitch?: boolean
  readonly errorStateIndicator?: boolean
}

interface Exchange {
  readonly pythonCan: string
  readonly sent: readonly Frame[]
  readonly peerHeard: readonly Record<string, unknown>[]
  readonly heard: readonly (Frame & { readonly timestampUs: number })[]
  readonly errors: readonly { readonly errorClass: number; readonly data: string }[]
  readonly lost: unknown
  readonly malformed: unknown
}

/** python-can leaves the interface to the system's routes: in a network namespace nothing leaves the machine. */
const ON_LOOPBACK = [
  'ip link set lo up multicast on',
  'ip route add 224.0.0.0/4 dev lo',
  // IPv6 does not loop multicast back on lo: a bridge without ports stands in for a network card.
  'ip link add bench type bridge',
  'ip link set bench up',
  'ip -6 addr add fd00::1/64 dev bench nodad',
  'exec "$@"',
].join(' && ')

async function exchange(group: string): Promise<Exchange> {
  const script = fileURLToPath(new URL('fixtures/python-can-exchange.js', import.meta.url))
  const { stdout } = await promisify(execFile)(
    'unshare',
    ['--map-root-user', '--net', 'sh', '-c', ON_LOOPBACK, 'sh', process.execPath, script, group],
    { timeout: 90_000 },
  )
  return JSON.parse(stdout) as Exchange
}

/** A frame in python-can's words. */
const inPython = ({ id, data, extended, remote = false, remoteLength = 0, fd = false, ...flags }: Frame) => ({
  id,
  data,
  is_extended_id: extended,
  is_remote_frame: remote,
  is_error_frame: false,
  is_fd: fd,
  bitrate_switch: flags.bitrateSwitch ?? false,
  error_state_indicator: flags.errorStateIndicator ?? false,
  dlc: remote ? remoteLength : data.length / 2,
})

for (const [family, group] of [
  ['IPv4', '239.74.163.2'],
  ['IPv6', 'ff15:7079:7468:6f6e:6465:6d6f:6d63:6173'],
] as const) {
  test(`python-can and this driver exchange every kind of frame over ${family}, both ways`, async (t) => {
    const { pythonCan, sent, peerHeard, heard, errors, lost, malformed } = await exchange(group)
    t.diagnostic(`python-can ${pythonCan}: ${sent.length} frames out, ${heard.length} back over ${family}`)
    assert.deepEqual(peerHeard, sent.map(inPython))
    assert.deepEqual(
      heard.map(({ timestampUs: _timestampUs, ...frame }) => frame),
      sent.map((frame) => ({ ...frame, id: frame.id + 1 })),
    )
    assert.deepEqual(
      errors.map(({ errorClass, data }) => ({ errorClass, data })),
      [{ errorClass: 5, data: '0001000000000909' }],
    )
    assert.deepEqual(lost, { frames: 0, exact: true })
    assert.deepEqual(malformed, { datagrams: 0 })
  })
}
