import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InvalidCanUrl, parseCanUrl, type CanUrl } from './can-url.js'

const SOUND: readonly (readonly [string, CanUrl])[] = [
  ['memory:', { scheme: 'memory', name: '' }],
  ['memory:bench?bitrate=250000', { scheme: 'memory', name: 'bench', bitrate: 250_000 }],
  [
    'memory:fd?bitrate=500000&data-bitrate=2000000',
    { scheme: 'memory', name: 'fd', bitrate: 500_000, dataBitrate: 2_000_000 },
  ],
  ['socketcan:can0', { scheme: 'socketcan', interface: 'can0' }],
  ['socketcan:vcan0?backend=addon', { scheme: 'socketcan', interface: 'vcan0', backEnd: 'addon' }],
  ['socketcan:vcan0?backend=pipe', { scheme: 'socketcan', interface: 'vcan0', backEnd: 'pipe' }],
  [
    'slcan:/dev/ttyACM0?bitrate=500000',
    { scheme: 'slcan', device: '/dev/ttyACM0', bitrate: 500_000, baudRate: 115_200, listenOnly: false },
  ],
  [
    'slcan:COM3?bitrate=125000&baud=2000000&listen-only=true',
    { scheme: 'slcan', device: 'COM3', bitrate: 125_000, baudRate: 2_000_000, listenOnly: true },
  ],
  ['socketcand://lab-pc:80/can1', { scheme: 'socketcand', host: 'lab-pc', port: 80, interface: 'can1' }],
  ['socketcand://[::1]/can0', { scheme: 'socketcand', host: '::1', port: 29_536, interface: 'can0' }],
  ['udp://239.74.163.2:43113', { scheme: 'udp', group: '239.74.163.2', port: 43_113, hops: 1 }],
  [
    'udp://[ff15::1]?local=::1&hops=0',
    { scheme: 'udp', group: 'ff15::1', port: 43_113, localAddress: '::1', hops: 0 },
  ],
]

describe('a URL chooses a bus', () => {
  for (const [url, parsed] of SOUND) {
    test(url, () => assert.deepEqual(parseCanUrl(url), parsed))
  }
})

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['', /begins with none of memory:, socketcan:/],
  ['can0', /begins with none of/],
  ['toString:can0', /begins with none of/],
  ['constructor:x', /begins with none of/],
  ['memory:a b', /no name of a bus/],
  ['memory:?bitrate=0', /bitrate=0 is not a whole number/],
  ['memory:?bitrate=1e6', /bitrate=1e6 is not a whole number/],
  ['memory:?bitrate=1000&bitrate=2000', /there twice/],
  ['socketcan:', /no name of an interface/],
  ['socketcan:../../etc', /no name of an interface/],
  ['socketcan:an-interface-name', /no name of an interface/],
  ['socketcan:can0?backend=magic', /none of addon, native, pipe/],
  ['socketcan:can0?bitrat=500000', /has no option "bitrat"/],
  ['slcan:?bitrate=500000', /device is missing/],
  ['slcan:/dev/ttyACM0', /bitrate=… is missing/],
  ['slcan:/dev/ttyACM0?bitrate=500000&listen-only=1', /neither true nor false/],
  ['socketcand:localhost/can0', /the form is/],
  ['socketcand:///can0', /host is missing/],
  ['socketcand://host:29536', /no name of an interface/],
  ['socketcand://host:99999/can0', /malformed|not 1…65535/],
  ['socketcand://user:pw@host/can0', /the form is/],
  ['udp://', /missing/],
  ['udp://239.74.163.2:0', /not 1…65535/],
  ['udp://239.74.163.2/can0', /a path has no meaning/],
]

describe('what is no URL of a bus is refused, and the right form is shown', () => {
  for (const [url, problem] of WRONG) {
    test(JSON.stringify(url), () => {
      assert.throws(
        () => parseCanUrl(url),
        (error) =>
          error instanceof InvalidCanUrl && problem.test(error.message) && error.message.includes('e.g.'),
      )
    })
  }
})
