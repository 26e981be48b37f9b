import { UsageFault } from '../ports/faults.js'

/** The URLs that choose a bus (DESIGN, decision 8). */
export type CanUrl =
  | {
      readonly scheme: 'memory'
      readonly name: string
      readonly bitrate?: number
      readonly dataBitrate?: number
    }
  | {
      readonly scheme: 'socketcan'
      readonly interface: string
      readonly backEnd?: SocketCanBackEnd
      readonly bitrate?: number
    }
  | {
      readonly scheme: 'slcan'
      readonly device: string
      /** Of the bus, bits a second. */
      readonly bitrate: number
      /** Of the serial line. */
      readonly baudRate: number
      readonly listenOnly: boolean
    }
  | {
      readonly scheme: 'socketcand'
      readonly host: string
      readonly port: number
      readonly interface: string
    }
  | {
      readonly scheme: 'udp'
      readonly group: string
      readonly port: number
      /** Address of the network interface that sends and listens; the system's choice where it is left out. */
      readonly localAddress?: string
      /** Routers that a datagram may cross; python-can's default is 1. */
      readonly hops: number
    }

/** A socket of Lockstep's own addon, npm `socketcan` in a worker, or can-utils as child processes. */
export const SOCKETCAN_BACK_ENDS = ['addon', 'native', 'pipe'] as const
export type SocketCanBackEnd = (typeof SOCKETCAN_BACK_ENDS)[number]

/** Thrown for a text that is no URL of a bus; the message shows the form that it should have. */
export class InvalidCanUrl extends UsageFault {
  override readonly name = 'InvalidCanUrl'
  constructor(url: string, problem: string, form: string) {
    super(`bus ${JSON.stringify(url)}: ${problem}; e.g. ${form}`)
  }
}

const FORMS = {
  memory: 'memory:, memory:bench?bitrate=250000',
  socketcan: 'socketcan:can0, socketcan:vcan0?backend=pipe',
  slcan: 'slcan:/dev/ttyACM0?bitrate=500000',
  socketcand: 'socketcand://localhost:29536/can0',
  udp: 'udp://239.74.163.2:43113',
} as const

const SOCKETCAND_PORT = 29_536
/** python-can's udp_multicast. */
const UDP_PORT = 43_113
const DEFAULT_SERIAL_BAUD = 115_200
/** Linux, IFNAMSIZ less its NUL; no slash and no blank (net/core/dev.c, dev_valid_name). */
const INTERFACE = /^[^\s/:]{1,15}$/
const MEMORY_NAME = /^[A-Za-z0-9_.-]{0,64}$/
/** Bits a second that ISO 11898-2 transceivers are made for. */
const BITRATES = { min: 1_000, max: 8_000_000 }

type Scheme = keyof typeof FORMS

class UrlReader {
  readonly rest: string
  readonly #query: URLSearchParams
  readonly #taken = new Set<string>()

  constructor(
    readonly url: string,
    readonly scheme: Scheme,
  ) {
    const body = url.slice(scheme.length + 1)
    const queryAt = body.indexOf('?')
    this.rest = queryAt < 0 ? body : body.slice(0, queryAt)
    this.#query = new URLSearchParams(queryAt < 0 ? '' : body.slice(queryAt + 1))
  }

  fail(problem: string): never {
    throw new InvalidCanUrl(this.url, problem, FORMS[this.scheme])
  }

  option(name: string): string | undefined {
    this.#taken.add(name)
    const values = this.#query.getAll(name)
    if (values.length > 1) this.fail(`${name} is there twice`)
    return values[0]
  }

  whole(name: string, min: number, max: number): number | undefined {
    const text = this.option(name)
    if (text === undefined) return undefined
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) this.fail(`${name}=${text} is not a whole number ${min}…${max}`)
    return value
  }

  bitrate(name: string): number | undefined {
    return this.whole(name, BITRATES.min, BITRATES.max)
  }

  /** Every option must have been asked for by now. */
  end(): void {
    for (const name of this.#query.keys()) {
      if (!this.#taken.has(name)) this.fail(`${this.scheme} has no option ${JSON.stringify(name)}`)
    }
  }

  /** `//host:port/path` */
  authority(defaultPort: number): { host: string; port: number; path: string } {
    if (!/^\/\/[^/]/.test(this.rest)) this.fail(`the form is ${this.scheme}://host:port; the host is missing`)
    let url: URL
    try {
      url = new URL(`http:${this.rest}`)
    } catch {
      return this.fail('the host or the port is malformed')
    }
    if (url.username || url.password || url.hash) {
      this.fail(`the form is ${this.scheme}://host:port`)
    }
    // The URL parser leaves out port 80 as http's own.
    const explicit = /^\/\/(?:\[[^\]]*\]|[^/:]*):(\d+)/.exec(this.rest)?.[1]
    const port = explicit === undefined ? defaultPort : Number(explicit)
    if (port < 1 || port > 65_535) this.fail(`port ${port} is not 1…65535`)
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port, path: url.pathname.slice(1) }
  }
}

const defined = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value }

const READERS: Readonly<Record<Scheme, (reader: UrlReader) => CanUrl>> = {
  memory(reader) {
    if (!MEMORY_NAME.test(reader.rest)) reader.fail(`${JSON.stringify(reader.rest)} is no name of a bus`)
    return {
      scheme: 'memory',
      name: reader.rest,
      ...defined('bitrate', reader.bitrate('bitrate')),
      ...defined('dataBitrate', reader.bitrate('data-bitrate')),
    }
  },
  socketcan(reader) {
    if (!INTERFACE.test(reader.rest)) reader.fail(`${JSON.stringify(reader.rest)} is no name of an interface`)
    const backEnd = reader.option('backend')
    const known: readonly string[] = SOCKETCAN_BACK_ENDS
    if (backEnd !== undefined && !known.includes(backEnd)) {
      reader.fail(`backend=${backEnd} is none of ${known.join(', ')}`)
    }
    return {
      scheme: 'socketcan',
      interface: reader.rest,
      ...defined('backEnd', backEnd as SocketCanBackEnd | undefined),
      ...defined('bitrate', reader.bitrate('bitrate')),
    }
  },
  slcan(reader) {
    if (reader.rest === '') reader.fail('the serial device is missing')
    const mode = reader.option('listen-only')
    if (mode !== undefined && mode !== 'true' && mode !== 'false') {
      reader.fail(`listen-only=${mode} is neither true nor false`)
    }
    return {
      scheme: 'slcan',
      device: reader.rest,
      bitrate: reader.bitrate('bitrate') ?? reader.fail('bitrate=… is missing: the adapter must be told'),
      baudRate: reader.whole('baud', 1_200, 12_000_000) ?? DEFAULT_SERIAL_BAUD,
      listenOnly: mode === 'true',
    }
  },
  socketcand(reader) {
    const { host, port, path } = reader.authority(SOCKETCAND_PORT)
    if (!INTERFACE.test(path)) reader.fail(`${JSON.stringify(path)} is no name of an interface`)
    return { scheme: 'socketcand', host, port, interface: path }
  },
  udp(reader) {
    const { host, port, path } = reader.authority(UDP_PORT)
    if (path) reader.fail('a path has no meaning here')
    return {
      scheme: 'udp',
      group: host,
      port,
      ...defined('localAddress', reader.option('local')),
      hops: reader.whole('hops', 0, 255) ?? 1,
    }
  },
}

/** @throws InvalidCanUrl */
export function parseCanUrl(url: string): CanUrl {
  const scheme = /^([a-z]+):/.exec(url)?.[1]
  if (scheme === undefined || !Object.hasOwn(READERS, scheme)) {
    throw new InvalidCanUrl(url, `it begins with none of ${Object.keys(FORMS).join(':, ')}:`, FORMS.memory)
  }
  const reader = new UrlReader(url, scheme as Scheme)
  const parsed = READERS[scheme as Scheme](reader)
  reader.end()
  return parsed
}
