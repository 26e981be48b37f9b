/** What a rig profile may say. The type and the schema stand side by side: change both. */
import type { ScreenSettings } from './camera/screen-settings.js'
import { DECODER_NAMES, type DecoderName } from '../drivers/decoders/open-decoder.js'
import type { FirmwareKind } from '../drivers/arduino/identify-firmware.js'
import type { Position } from '../../reference/contracts/platform-api.js'
import { USB_PROPERTIES, type UsbIdentity } from '../serial/list-serial-ports.js'

export type Fidelity = 'virtual' | 'kernel' | 'emulated' | 'lab'

/** How WeChat encrypts its pushes to the cloud: a setting of the account. */
export type PushMode = 'plain' | 'compatible' | 'safe'
export const PUSH_MODES: readonly PushMode[] = ['plain', 'compatible', 'safe']

/** A party that the user brings: Lockstep plays the others and reaches it here. */
export interface ExternalParty {
  readonly external: string
  /** Its business time, when it lets itself be moved: see `lockstep serve --help`. */
  readonly clock?: { readonly url: string; readonly token: string }
}

/** What a user's own party has to know beforehand; anything left out is drawn afresh for every run. */
export interface FixedWires {
  readonly ports?: Partial<Record<WirePort, number>>
  /** Names under which the wires are asked besides those of loopback: of a tunnel or proxy before them. */
  readonly hostNames?: readonly string[]
  readonly secrets?: Partial<RunSecrets>
}

/** The wires' listening ends on loopback. */
export type WirePort = 'wechatApi' | 'platformApi' | 'cloudPush' | 'cloudWebhook' | 'phone' | 'broker'

export interface RunSecrets {
  readonly appId: string
  readonly appSecret: string
  /** The Token of the account's server settings. */
  readonly wechatToken: string
  /** The EncodingAESKey of the account's server settings, 43 letters and digits. */
  readonly wechatAesKey: string
  readonly cloudToken: string
  readonly operatorToken: string
  readonly webhookSecret: string
  readonly controlToken: string
  /** Password of the broker's user `cloud`, likewise `platform`. */
  readonly cloudBrokerPassword: string
  readonly platformBrokerPassword: string
}

export interface BayProfile {
  readonly bayId: string
  readonly label: string
  readonly lockId: string
  /** Surveyed centre, WGS-84. */
  readonly location: Position
  /** Where a Chinese map shows it, GCJ-02: looked up, not computed here, so that the conversion is put to the test. */
  readonly onMap: Position
  readonly pricePerHourFen: number
  /** `board`: the rig's lock stands here; `simulated`: a lock controller without firmware, as a neighbour. */
  readonly lock: 'board' | 'simulated'
}

/**
 * Where the lock's board is: simulated; a serial port, by what udev knows of the USB device or by a path that names the
 * device (`/dev/serial/by-id/…`, `/dev/serial/by-path/…`; never a number, which another plugging may give to another
 * device); or a pty, e.g. of `lockstep lock serve`.
 */
export type BoardProfile = 'virtual' | { readonly serial: UsbIdentity | string } | { readonly pty: string }

export interface Profile {
  readonly rig: string
  readonly fidelity: Fidelity
  readonly lock: {
    readonly board: BoardProfile
    readonly firmware: FirmwareKind
    /** Simulated seconds a wall second; 1 is real time. */
    readonly timeScale: number
    readonly decoder: DecoderName
    /** Whether a virtual board waits for a host that gets no processor (`HostPatience`); default true. */
    readonly hostPatience: boolean
  }
  readonly bus: { readonly url: string; readonly bitrate: number }
  readonly camera: {
    readonly url: string
    /** Where a device that stands before a real camera finds the bench's page. */
    readonly screen?: ScreenSettings
    /** A file that `lockstep doctor --calibrate` writes, beside the profile unless it is absolute. */
    readonly calibration?: string
  }
  /**
   * `embedded:`; `mosquitto:`, Debian's, started for the run; or one that runs already. The latter needs the password of
   * each user: `platform`, `cloud`, `observer`, every lock and the vehicle. `ca`: a PEM file, from the profile's folder.
   */
  readonly broker: {
    readonly url: string
    readonly ca?: string
    readonly passwords?: Readonly<Record<string, string>>
  }
  /** `each`: every party that is ours runs as a process of its own. */
  readonly processes: 'one' | 'each'
  readonly store: { readonly url: string }
  readonly parties: {
    readonly cloud?: 'reference' | ExternalParty
    readonly platform?: 'reference' | ExternalParty
  }
  readonly wechat: {
    readonly mode: PushMode
    /** Where the account's state outlives runs, for an external cloud: a file, from the profile's folder. */
    readonly store?: string
  }
  readonly fixed?: FixedWires
  readonly vehicleId: string
  readonly bays: readonly BayProfile[]
}

const party = {
  anyOf: [
    { const: 'reference' },
    {
      type: 'object',
      required: ['external'],
      additionalProperties: false,
      properties: {
        external: { type: 'string', pattern: '^https?://' },
        clock: {
          type: 'object',
          required: ['url', 'token'],
          additionalProperties: false,
          properties: {
            url: { type: 'string', pattern: '^https?://' },
            token: { type: 'string', minLength: 16 },
          },
        },
      },
    },
  ],
}

const WIRE_PORTS: readonly WirePort[] = [
  'wechatApi',
  'platformApi',
  'cloudPush',
  'cloudWebhook',
  'phone',
  'broker',
]
const RUN_SECRETS: readonly (keyof RunSecrets)[] = [
  'appId',
  'appSecret',
  'wechatToken',
  'wechatAesKey',
  'cloudToken',
  'operatorToken',
  'webhookSecret',
  'controlToken',
  'cloudBrokerPassword',
  'platformBrokerPassword',
]

const position = {
  type: 'object',
  required: ['latitude', 'longitude'],
  additionalProperties: false,
  properties: {
    latitude: { type: 'number', minimum: -90, maximum: 90 },
    longitude: { type: 'number', minimum: -180, maximum: 180 },
  },
}
const identifier = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' }
const url = (...schemes: string[]) => ({
  type: 'object',
  required: ['url'],
  additionalProperties: false,
  properties: { url: { type: 'string', pattern: `^(${schemes.join('|')}):` } },
})

export const profileSchema = {
  type: 'object',
  required: ['rig', 'fidelity', 'lock', 'bus', 'camera', 'broker', 'store', 'vehicleId', 'bays'],
  additionalProperties: false,
  properties: {
    rig: identifier,
    fidelity: { enum: ['virtual', 'kernel', 'emulated', 'lab'] },
    lock: {
      type: 'object',
      required: ['board', 'firmware'],
      additionalProperties: false,
      properties: {
        board: {
          anyOf: [
            { const: 'virtual' },
            {
              type: 'object',
              required: ['serial'],
              additionalProperties: false,
              properties: {
                serial: {
                  anyOf: [
                    { type: 'string', pattern: '^/dev/serial/by-(id|path)/[^/]+$' },
                    {
                      type: 'object',
                      minProperties: 1,
                      additionalProperties: false,
                      properties: Object.fromEntries(
                        USB_PROPERTIES.map((name) => [name, { type: 'string', minLength: 1 }]),
                      ),
                    },
                  ],
                },
              },
            },
            {
              type: 'object',
              required: ['pty'],
              additionalProperties: false,
              properties: { pty: { type: 'string', pattern: '^/' } },
            },
          ],
        },
        firmware: { enum: ['standard-firmata', 'lockstep'] },
        timeScale: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 1 },
        hostPatience: { type: 'boolean', default: true },
        decoder: { enum: [...DECODER_NAMES], default: 'pipeline' },
      },
    },
    bus: {
      type: 'object',
      required: ['url'],
      additionalProperties: false,
      properties: {
        url: { type: 'string', pattern: '^(memory|socketcan|slcan|socketcand|udp):' },
        bitrate: { type: 'integer', minimum: 10_000, maximum: 1_000_000, default: 500_000 },
      },
    },
    camera: {
      ...url('rendered', 'v4l2', 'http', 'https', 'file'),
      properties: {
        ...url('rendered', 'v4l2', 'http', 'https', 'file').properties,
        screen: {
          type: 'object',
          additionalProperties: false,
          properties: {
            host: { type: 'string', minLength: 1 },
            port: { type: 'integer', minimum: 0, maximum: 65_535 },
            key: { type: 'string', pattern: '^[A-Za-z0-9_-]{16,64}$' },
          },
        },
        calibration: { type: 'string', minLength: 1 },
      },
    },
    broker: {
      ...url('embedded', 'mosquitto', 'mqtt', 'mqtts'),
      properties: {
        ...url('embedded', 'mosquitto', 'mqtt', 'mqtts').properties,
        ca: { type: 'string' },
        passwords: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
      },
    },
    processes: { enum: ['one', 'each'], default: 'one' },
    store: url('libsql', 'postgres', 'postgresql'),
    parties: {
      type: 'object',
      default: {},
      additionalProperties: false,
      properties: { cloud: party, platform: party },
    },
    wechat: {
      type: 'object',
      default: {},
      additionalProperties: false,
      properties: {
        mode: { enum: [...PUSH_MODES], default: 'plain' },
        store: { type: 'string', pattern: '^libsql:.' },
      },
    },
    fixed: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ports: {
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(
            WIRE_PORTS.map((name) => [name, { type: 'integer', minimum: 0, maximum: 65_535 }]),
          ),
        },
        hostNames: { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9.-]{1,253}$' } },
        secrets: {
          type: 'object',
          additionalProperties: false,
          properties: {
            ...Object.fromEntries(RUN_SECRETS.map((name) => [name, { type: 'string', minLength: 8 }])),
            wechatAesKey: { type: 'string', pattern: '^[A-Za-z0-9]{43}$' },
          },
        },
      },
    },
    vehicleId: identifier,
    bays: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['bayId', 'label', 'lockId', 'location', 'onMap', 'pricePerHourFen', 'lock'],
        additionalProperties: false,
        properties: {
          bayId: identifier,
          label: { type: 'string', minLength: 1, maxLength: 64 },
          lockId: identifier,
          location: position,
          onMap: position,
          pricePerHourFen: { type: 'integer', minimum: 0, maximum: 65_535 },
          lock: { enum: ['board', 'simulated'] },
        },
      },
    },
  },
}
