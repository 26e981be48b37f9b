import { createHash, randomBytes } from 'node:crypto'
import { Option } from 'commander'
import { UsageFault } from '../../reference/ports/faults.js'

/** What `lockstep serve wechat` takes instead of a file. */
export interface WeChatFlags {
  readonly host?: string
  readonly port?: string
  readonly appid?: string
  readonly secret?: string
  readonly token?: string
  readonly aesKey?: string
  readonly mode?: string
  readonly callback?: string
  readonly originalId?: string
  readonly store?: string
  readonly clock?: string
  readonly controlToken?: string
}

/** Thrown for a flag of `serve wechat` with which no account could work; secrets are not repeated. */
export class WeChatFlagInvalid extends UsageFault {
  override readonly name = 'WeChatFlagInvalid'
  constructor(flag: string, mend: string) {
    super(`${flag} ${mend}`)
  }
}

const OPTIONS: Readonly<Record<keyof WeChatFlags, [flags: string, help: string]>> = {
  host: ['--host <address>', 'where to listen (127.0.0.1)'],
  port: ['--port <number>', 'where to listen; 0, which is the default, takes any free port'],
  appid: ['--appid <id>', 'the account'],
  secret: ['--secret <text>', 'its AppSecret'],
  token: ['--token <text>', 'the Token of its server settings, 3 to 32 letters and digits'],
  aesKey: ['--aes-key <key>', 'its EncodingAESKey, 43 letters and digits'],
  mode: ['--mode <mode>', 'how pushes are encrypted: plain (default), compatible or safe'],
  callback: ['--callback <url>', 'where pushes go'],
  originalId: ['--original-id <id>', 'the account’s own name in pushes, gh_…'],
  store: ['--store <url>', 'keeps its state over restarts: libsql:PATH'],
  clock: ['--clock <kind>', 'manual: business time stands until it is moved; system (default)'],
  controlToken: ['--control-token <text>', 'for the fault switches and the clock; drawn when not given'],
}
const NAMES = Object.keys(OPTIONS) as (keyof WeChatFlags)[]

export function weChatOptions(): Option[] {
  return NAMES.map((name) => new Option(OPTIONS[name][0], `wechat: ${OPTIONS[name][1]}`))
}

/** The flags of a command line that only `serve wechat` understands. */
export function flagsForWeChat(flags: WeChatFlags): string[] {
  return NAMES.filter((name) => flags[name] !== undefined).map(
    (name) => OPTIONS[name][0].split(' ')[0] ?? name,
  )
}

function required(flags: WeChatFlags, name: 'appid' | 'secret' | 'token'): string {
  const value = flags[name]
  if (value === undefined || value === '') {
    throw new WeChatFlagInvalid(
      `--${name}`,
      `is needed: ${OPTIONS[name][1]}; or give --config FILE (docs/serve.md)`,
    )
  }
  return value
}

function portOf({ port = '0' }: WeChatFlags): number {
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port)
  throw new WeChatFlagInvalid('--port', `is a number from 0 to 65535, not "${port}"`)
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new WeChatFlagInvalid(flag, `is one of ${known.join(', ')}, not "${value}"`)
  return found
}

function checkCallback(callback: string): void {
  if (URL.canParse(callback) && /^https?:$/.test(new URL(callback).protocol)) return
  throw new WeChatFlagInvalid('--callback', `is an http or https URL, not "${callback}"`)
}

/**
 * The settings of a platform with one account.
 * @throws WeChatFlagInvalid
 */
export function weChatSettings(flags: WeChatFlags): {
  readonly settings: object
  readonly controlToken: string
} {
  const { host = '127.0.0.1', aesKey, callback, store } = flags
  const [appId, secret, token] = [
    required(flags, 'appid'),
    required(flags, 'secret'),
    required(flags, 'token'),
  ]
  if (!/^[\w-]{1,64}$/.test(appId)) {
    throw new WeChatFlagInvalid(
      '--appid',
      `is letters and digits, such as wx0123456789abcdef, not "${appId}"`,
    )
  }
  const port = portOf(flags)
  const mode = oneOf('--mode', flags.mode ?? 'plain', ['plain', 'compatible', 'safe'])
  const clock = oneOf('--clock', flags.clock ?? 'system', ['system', 'manual'])
  if (!/^[A-Za-z0-9]{3,32}$/.test(token))
    throw new WeChatFlagInvalid('--token', 'is 3 to 32 letters and digits')
  if (aesKey !== undefined && !/^[A-Za-z0-9]{43}$/.test(aesKey)) {
    throw new WeChatFlagInvalid('--aes-key', 'is 43 letters and digits, as the console shows it')
  }
  if (mode !== 'plain' && aesKey === undefined) {
    throw new WeChatFlagInvalid('--aes-key', `is needed: the mode ${mode} encrypts`)
  }
  if (callback !== undefined) checkCallback(callback)
  // the console gives every account such a name; here it follows from the appId, so that it stays the same
  const originalId = flags.originalId ?? `gh_${createHash('sha256').update(appId).digest('hex').slice(0, 12)}`
  if (!/^gh_\w+$/.test(originalId))
    throw new WeChatFlagInvalid('--original-id', `begins with gh_, unlike "${originalId}"`)
  if (store !== undefined && !/^libsql:./.test(store)) {
    throw new WeChatFlagInvalid('--store', `is libsql:PATH, not "${store}"`)
  }
  const controlToken = flags.controlToken ?? randomBytes(16).toString('hex')
  if (controlToken.length < 16) throw new WeChatFlagInvalid('--control-token', 'has 16 characters or more')
  const account = {
    appId,
    secret,
    token,
    originalId,
    mode,
    ...(aesKey !== undefined && { aesKey }),
    ...(callback !== undefined && { callbackUrl: callback }),
  }
  return {
    controlToken,
    settings: {
      host,
      port,
      controlToken,
      accounts: [account],
      ...(store !== undefined && { store: { url: store } }),
      ...(clock === 'manual' && { clock: { control: { token: controlToken, port: 0 } } }),
    },
  }
}
