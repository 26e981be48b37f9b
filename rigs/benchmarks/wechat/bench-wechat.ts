import { cpus } from 'node:os'
import { median, percentile } from '../percentile.js'
import { openAccountServer } from './account-server.js'
import { ACCOUNT, type Order, type ServedKind } from './orders.js'
import { Served } from './served.js'

export interface RateRow {
  readonly what: string
  /** Of one process, by wall time. */
  readonly perSecond: number
  /** Of one core that does nothing else: steadier than wall time on a machine that others use. */
  readonly perCpuSecond: number
  readonly p99Ms: number
}

export interface Comparison {
  readonly lockstep: RateRow
  /** The same handler on bare Express. */
  readonly express: RateRow
  /** Express that passes bytes, and does nothing with them. */
  readonly wires: RateRow
  /** Lockstep's share of what the same handler on bare Express does, by the core's time. */
  readonly share: number
  readonly shareOfWires: number
}

export interface WeChatBenchmark {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  readonly pushes: { readonly plain: Comparison; readonly safe: Comparison }
  readonly apiCalls: Comparison
  readonly memory: { readonly phones: number; readonly rssMiB: number; readonly idleMiB: number }
}

const CONNECTIONS = 32
const ROUNDS = 3
const WARM_UP = 500
const COUNT = 2_000
const PHONES = 10_000
/** The server proves its replies: this often one conversation is read. */
const PROOFS = 8

/** Runs `count` pieces of work, `CONNECTIONS` at a time. @returns what each took, ms */
async function inParallel(count: number, work: (worker: number) => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  let begun = 0
  const run = async (worker: number) => {
    while (begun++ < count) {
      const from = performance.now()
      await work(worker)
      took.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, worker) => run(worker)))
  return took
}

async function rate(
  what: string,
  served: Served,
  work: (worker: number) => Promise<unknown>,
): Promise<RateRow> {
  await inParallel(WARM_UP, work)
  const before = await served.figures()
  const from = performance.now()
  const took = await inParallel(COUNT, work)
  const seconds = (performance.now() - from) / 1_000
  const { cpuSeconds } = await served.figures()
  const p99Ms =
    percentile(
      took.sort((a, b) => a - b),
      0.99,
    ) ?? NaN
  return { what, perSecond: COUNT / seconds, perCpuSecond: COUNT / (cpuSeconds - before.cpuSeconds), p99Ms }
}

/** Every reply of every push is verified by the platform; here it is proven that they were also shown. */
async function proveReplies(
  order: Pick<Order, 'kind'>,
  served: Served,
  openids: readonly string[],
): Promise<void> {
  await served.ask('GET', '/phone/settled')
  for (const openid of openids.slice(0, PROOFS)) {
    const path = `/phone/users/${openid}/conversation?appId=${ACCOUNT.appId}`
    const { messages } = (await served.json('GET', path)) as { messages: { from: string; kind: string }[] }
    const said = messages.filter(({ from }) => from === 'user').length
    const answers = messages.filter(({ from, kind }) => from === 'account' && kind === 'text').length
    // the mock pushed that they followed as well, and that was answered, too
    const events = order.kind === 'lockstep' ? 1 : 0
    if (said === 0 || answers !== said + events)
      throw new Error(`${said} pushes have ${answers} answers that were shown`)
  }
}

async function measurePushes(order: Omit<Order, 'callbackUrl'>): Promise<RateRow> {
  const account = await openAccountServer(order.mode)
  const served = await Served.start({ ...order, callbackUrl: account.url }, CONNECTIONS)
  try {
    const openids: string[] = []
    for (let i = 0; i < CONNECTIONS; i++) openids.push(await served.follower())
    if (order.kind === 'lockstep') await served.ask('GET', '/phone/settled')
    const row = await rate(`pushes, ${order.mode}, ${order.kind}`, served, async (worker) => {
      const openid = openids[worker] ?? ''
      const answered = account.next(openid)
      const body = { appId: ACCOUNT.appId, content: '停车' }
      await Promise.all([served.ask('POST', `/phone/users/${openid}/text`, body), answered])
    })
    if (order.kind !== 'wires') await proveReplies(order, served, openids)
    return row
  } finally {
    await served.close()
    await account.close()
  }
}

async function measureCalls(kind: ServedKind): Promise<RateRow> {
  const account = await openAccountServer('plain')
  const served = await Served.start({ kind, mode: 'plain', callbackUrl: account.url }, CONNECTIONS)
  try {
    const openid = await served.follower()
    const credential = { grant_type: 'client_credential', appid: ACCOUNT.appId, secret: ACCOUNT.secret }
    const { access_token } = await served.json('POST', '/cgi-bin/stable_token', credential)
    const path = `/cgi-bin/user/info?access_token=${String(access_token)}&openid=${openid}`
    return await rate(`API calls, ${kind}`, served, async () => {
      const answer = await served.ask('GET', path)
      if (!answer.includes('"subscribe":1')) throw new Error('a call was refused')
    })
  } finally {
    await served.close()
    await account.close()
  }
}

function middle(rows: readonly RateRow[]): RateRow {
  const of = (field: 'perSecond' | 'perCpuSecond' | 'p99Ms') => median(rows.map((row) => row[field]))
  return {
    what: rows[0]?.what ?? '',
    perSecond: Math.round(of('perSecond')),
    perCpuSecond: Math.round(of('perCpuSecond')),
    p99Ms: Number(of('p99Ms').toFixed(2)),
  }
}

/** In turn, so that whatever else the machine does meets both. */
async function compare(
  what: string,
  measure: (kind: ServedKind) => Promise<RateRow>,
  progress: (what: string) => void,
): Promise<Comparison> {
  const rows: Record<ServedKind, RateRow[]> = { lockstep: [], express: [], wires: [] }
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`${what}, round ${round} of ${ROUNDS}`)
    for (const kind of ['lockstep', 'express', 'wires'] as const) rows[kind].push(await measure(kind))
  }
  const [lockstep, express, wires] = [middle(rows.lockstep), middle(rows.express), middle(rows.wires)]
  const shareOf = (peer: RateRow) => Number((lockstep.perCpuSecond / peer.perCpuSecond).toFixed(3))
  return { lockstep, express, wires, share: shareOf(express), shareOfWires: shareOf(wires) }
}

/** Phones that follow, have said something and been answered. */
async function measureMemory(): Promise<WeChatBenchmark['memory']> {
  const account = await openAccountServer('plain')
  const served = await Served.start(
    { kind: 'lockstep', mode: 'plain', callbackUrl: account.url },
    CONNECTIONS,
  )
  const MIB = 1024 * 1024
  try {
    const idle = await served.figures()
    await inParallel(PHONES, async () => {
      const openid = await served.follower()
      await served.ask('POST', `/phone/users/${openid}/text`, { appId: ACCOUNT.appId, content: '停车' })
    })
    await served.ask('GET', '/phone/settled')
    const { rssBytes } = await served.figures()
    return { phones: PHONES, rssMiB: Math.round(rssBytes / MIB), idleMiB: Math.round(idle.rssBytes / MIB) }
  } finally {
    await served.close()
    await account.close()
  }
}

/** Measures the WeChat mock beside the same wires on bare Express; takes about three minutes. */
export async function benchmarkWeChat(progress: (what: string) => void): Promise<WeChatBenchmark> {
  const plain = await compare('pushes, plain', (kind) => measurePushes({ kind, mode: 'plain' }), progress)
  const safe = await compare('pushes, safe', (kind) => measurePushes({ kind, mode: 'safe' }), progress)
  const apiCalls = await compare('API calls', measureCalls, progress)
  progress(`${PHONES} phones`)
  const memory = await measureMemory()
  return {
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
    pushes: { plain, safe },
    apiCalls,
    memory,
  }
}

/** For a person. */
export function weChatTable({ pushes, apiCalls, memory }: WeChatBenchmark): string {
  const line = ({ what, perSecond, perCpuSecond, p99Ms }: RateRow) =>
    `${what.padEnd(28)} ${String(perSecond).padStart(7)}/s  ${String(perCpuSecond).padStart(7)}/core·s  p99 ${p99Ms} ms`
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  const rows = [pushes.plain, pushes.safe, apiCalls].flatMap((compared) => [
    line(compared.lockstep),
    line(compared.express),
    line(compared.wires),
    `  of the same handler on bare Express ${percent(compared.share)}; of passing bytes ${percent(compared.shareOfWires)}`,
  ])
  return [...rows, `${memory.phones} phones: ${memory.rssMiB} MiB (${memory.idleMiB} MiB without)`].join('\n')
}
