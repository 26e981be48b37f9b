import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { release } from 'node:os'
import { promisify } from 'node:util'
import { CanBusUnavailable, type CanUnavailableReason } from '../../../reference/ports/can-bus.js'
import { INTERFACE_UP } from './interface-state.js'
import { isVirtual, type CanInterface } from './worker-protocol.js'

/** What the probe looks at; tests bring their own. */
export interface ProbedSystem {
  readonly platform: string
  /** Of the kernel, as `uname -r` has it. */
  readonly release: string
  /** @returns undefined for a file that is not there */
  read(path: string): string | undefined
  /** Names in a folder; none where there is no folder. */
  list(path: string): readonly string[]
  exists(path: string): boolean
  /** Output of `ip -j -d link show dev NAME`; undefined where there is no `ip` tool. */
  linkDetails(networkInterface: string): Promise<string | undefined>
}

const execute = promisify(execFile)
const IP_MS = 10_000

export const HOST: ProbedSystem = {
  platform: process.platform,
  release: release(),
  read: (path) => {
    try {
      return readFileSync(path, 'latin1')
    } catch {
      return undefined
    }
  },
  list: (path) => {
    try {
      return readdirSync(path)
    } catch {
      return []
    }
  },
  exists: (path) => existsSync(path),
  linkDetails: async (networkInterface) => {
    const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
    try {
      const { stdout } = await execute('ip', ['-j', '-d', 'link', 'show', 'dev', networkInterface], {
        timeout: IP_MS,
        env: { ...process.env, PATH: path },
      })
      return stdout
    } catch {
      return undefined
    }
  },
}

/** ARPHRD_CAN (linux/if_arp.h). */
const TYPE_CAN = 280
/** CANFD_MTU (linux/can.h): an interface whose frames are smaller is classic. */
const FD_MTU = 72

/** The part of `ip -j -d link show` that is used here. */
interface LinkDetails {
  readonly linkinfo?: {
    readonly info_kind?: string
    readonly info_data?: { readonly bittiming?: { readonly bitrate?: number } }
  }
}

export interface ProbeRequest {
  /** The bus's URL, for messages. */
  readonly url: string
  readonly interface: string
  /** What the bus must run at, bits a second. */
  readonly bitrate?: number | undefined
}

/** Whether a socket of the family can be had: it is there, or a module that the kernel would load. */
function knowsCan(system: ProbedSystem): boolean {
  const modules = `/lib/modules/${system.release}/modules`
  return (
    system.exists('/proc/net/can') ||
    /^CAN_RAW\s/m.test(system.read('/proc/net/protocols') ?? '') ||
    [`${modules}.dep`, `${modules}.builtin`].some((path) => /\/can-raw\.ko/.test(system.read(path) ?? ''))
  )
}

/**
 * Looks at a CAN interface before it is opened.
 * @throws CanBusUnavailable with the cause and what would mend it
 */
export async function probeInterface(
  { url, interface: name, bitrate }: ProbeRequest,
  system: ProbedSystem = HOST,
): Promise<CanInterface> {
  const refuse = (reason: CanUnavailableReason, problem: string, mend: string): never => {
    throw new CanBusUnavailable(url, reason, problem, mend)
  }
  if (system.platform !== 'linux') {
    refuse(
      'no-af-can',
      `SocketCAN is a part of Linux, this is ${system.platform}`,
      'Use udp:, slcan: or memory:',
    )
  }
  const attribute = (of: string, what: string) => system.read(`/sys/class/net/${of}/${what}`)?.trim()
  const isCan = (of: string) => Number(attribute(of, 'type')) === TYPE_CAN
  const type = attribute(name, 'type')

  if (type === undefined) {
    if (!knowsCan(system)) {
      refuse(
        'no-af-can',
        `this kernel (${system.release}) has no CAN: neither /proc/net/can nor a module can-raw`,
        'Use a kernel with CONFIG_CAN_RAW; npm run test:vcan brings one of its own',
      )
    }
    const there = system.list('/sys/class/net').filter(isCan)
    refuse(
      'no-such-interface',
      `there is no network interface ${name}; ${there.length > 0 ? `CAN interfaces are ${there.join(', ')}` : 'there is no CAN interface at all'}`,
      there.length > 0
        ? 'Use one of those'
        : `Plug the adapter in, or make a virtual one: ip link add dev ${name} type vcan && ip link set ${name} up`,
    )
  }
  if (!isCan(name)) {
    const there = system.list('/sys/class/net').filter(isCan)
    refuse(
      'not-can',
      `${name} is a network interface, but none of CAN (type ${type}, not ${TYPE_CAN})`,
      there.length > 0
        ? `CAN interfaces are ${there.join(', ')}`
        : 'There is no CAN interface on this machine',
    )
  }

  const details = await linkDetails(name, system)
  const kind = details?.linkinfo?.info_kind
  const virtual = isVirtual({ kind })
  if ((Number(attribute(name, 'flags')) & INTERFACE_UP) === 0) {
    const how = virtual ? '' : ` type can bitrate ${bitrate ?? 500_000}`
    refuse('interface-down', `interface ${name} is down`, `ip link set ${name} up${how}`)
  }
  if (bitrate !== undefined && !virtual) {
    const actual = details?.linkinfo?.info_data?.bittiming?.bitrate
    if (actual === undefined) {
      refuse(
        'wrong-bitrate',
        `${bitrate} bit/s are asked for, and ${details ? `the driver of ${name} does not say its bitrate` : 'the ip tool that would tell is missing'}`,
        details ? 'Leave bitrate out' : 'apt-get install iproute2, or leave bitrate out',
      )
    }
    if (actual !== bitrate) {
      refuse(
        'wrong-bitrate',
        `${name} runs at ${actual} bit/s, not at ${bitrate}`,
        `ip link set ${name} down && ip link set ${name} up type can bitrate ${bitrate}`,
      )
    }
  }
  return {
    name,
    index: Number(attribute(name, 'ifindex')),
    fd: Number(attribute(name, 'mtu')) >= FD_MTU,
    kind,
    sendQueueLength: Number(attribute(name, 'tx_queue_len') ?? 0),
  }
}

async function linkDetails(name: string, system: ProbedSystem): Promise<LinkDetails | undefined> {
  const text = await system.linkDetails(name)
  if (text === undefined) return undefined
  try {
    const [details] = JSON.parse(text) as readonly (LinkDetails | undefined)[]
    return details
  } catch {
    // An `ip` without -j, as busybox has it.
    return undefined
  }
}
