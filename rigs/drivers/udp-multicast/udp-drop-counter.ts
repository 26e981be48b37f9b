import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What the kernel says of one UDP socket. */
export interface UdpSocketState {
  /** Datagrams that found its buffer full, since it was opened. */
  readonly drops: number
  /** Bytes in its buffer. */
  readonly queuedBytes: number
}

/** Columns of /proc/net/udp (Linux, net/ipv4/udp.c, udp4_format_sock): tx:rx queues, inode, drops. */
const ROW =
  /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) .*?[0-9A-F]{8}:([0-9A-F]{8}) \S+ \S+\s+\d+\s+\d+ (\d+) \d+ \S+ (\d+)\s*$/

/** The kernel's tables of UDP sockets; other systems have none. */
const TABLES = { IPv4: '/proc/net/udp', IPv6: '/proc/net/udp6' } as const
export type IpFamily = keyof typeof TABLES

interface Row extends UdpSocketState {
  readonly port: number
  readonly inode: string
}

function readTable(family: IpFamily): Row[] {
  let text: string
  try {
    text = readFileSync(TABLES[family], 'latin1')
  } catch {
    // No Linux, or no /proc: the caller then counts nothing, and says so.
    return []
  }
  return text.split('\n').flatMap((line) => {
    const [, port, queued, inode, drops] = ROW.exec(line) ?? []
    if (!port || !queued || !inode || !drops) return []
    return [
      {
        port: Number.parseInt(port, 16),
        queuedBytes: Number.parseInt(queued, 16),
        inode,
        drops: Number(drops),
      },
    ]
  })
}

function ownSocketInodes(): ReadonlySet<string> {
  const inodes = new Set<string>()
  const folder = '/proc/self/fd'
  let descriptors: string[]
  try {
    descriptors = readdirSync(folder)
  } catch {
    return inodes
  }
  for (const descriptor of descriptors) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${descriptor}`))?.[1]
      if (inode) inodes.add(inode)
    } catch {
      // The folder's own descriptor is closed by now.
    }
  }
  return inodes
}

/** This process's UDP sockets that are bound to a port. */
function ownSockets(family: IpFamily, port: number): string[] {
  const own = ownSocketInodes()
  return readTable(family)
    .filter((row) => row.port === port && own.has(row.inode))
    .map(({ inode }) => inode)
}

/** Binds come one after the other, so that the socket that is there after one and was not before is its own. */
let binding: Promise<unknown> = Promise.resolve()

/**
 * Binds a socket and finds it in the kernel's table: Node tells neither a datagram socket's descriptor nor its inode.
 * @returns reads its state; undefined where the kernel does not tell
 */
export async function bindCounted(
  bind: () => Promise<void>,
  family: IpFamily,
  port: number,
): Promise<(() => UdpSocketState | undefined) | undefined> {
  const mine = binding.then(async () => {
    const before = new Set(ownSockets(family, port))
    await bind()
    return ownSockets(family, port).filter((inode) => !before.has(inode))
  })
  binding = mine.catch(() => undefined)
  const [inode, ...others] = await mine
  if (inode === undefined || others.length > 0) return undefined
  return () => readTable(family).find((row) => row.inode === inode)
}
