/** A table-top for the lock's tests: a bolt that obeys, a broker, a storage and a platform that listens. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { messageCheck } from '../contracts/contract.js'
import { lockTopics, type LockCommandBody, type LockEvent, type LockStatus } from '../contracts/lock-link.js'
import {
  HardwareGone,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../ports/lock-hardware.js'

/** Hardware milliseconds from limit to limit, and between two samples. */
const TRAVEL_MS = 500
const SAMPLE_MS = 10

/** After this a test stops waiting, wall milliseconds: far more than a busy machine needs. */
const DEADLINE_MS = 20_000

/** A bolt on the table: it runs on its own clock, five times as fast as the wall's. */
export class TableBolt implements LockHardware {
  readonly identity = { board: 'table', firmware: 'none' }
  /** 0 down … 1 up. */
  angle: number
  vehiclePresent = false
  tampered = false
  batteryVolts = 7.4
  /** The bolt does not pass this angle. */
  blockedAt: number | undefined
  /** The relay's contact: it follows the drive, or is stuck. */
  supply: 'follows' | 'stuck' = 'follows'
  readonly drives: string[] = []
  onDrive: (target: 'up' | 'down') => void = () => undefined
  #drive: 'up' | 'down' | undefined
  #hardwareMs = 0
  #loss: HardwareLoss | 'closed' | undefined
  readonly #samples = new Set<(sample: HardwareSample) => void>()
  readonly #losses = new Set<(loss: HardwareLoss) => void>()
  readonly #timer = setInterval(() => this.#tick(), SAMPLE_MS / 5)

  constructor(angle = 1) {
    this.angle = angle
  }

  get sample(): HardwareSample {
    const isStalled = this.#drive === 'up' && this.blockedAt !== undefined && this.angle >= this.blockedAt
    return {
      hardwareMs: this.#hardwareMs,
      limitUp: this.angle >= 1,
      limitDown: this.angle <= 0,
      vehiclePresent: this.vehiclePresent,
      tampered: this.tampered,
      actuatorSupplied: this.#drive !== undefined || this.supply === 'stuck',
      motorCurrentAmps: this.#drive ? (isStalled ? 2.5 : 0.5) : 0,
      batteryVolts: this.batteryVolts,
    }
  }

  drive(target: 'up' | 'down'): void {
    this.#require()
    this.drives.push(target)
    this.onDrive(target)
    this.#drive = target
  }

  release(): void {
    this.#require()
    this.#drive = undefined
  }

  onSample(listener: (sample: HardwareSample) => void): () => void {
    this.#samples.add(listener)
    return () => this.#samples.delete(listener)
  }

  onLost(listener: (loss: HardwareLoss) => void): () => void {
    this.#losses.add(listener)
    return () => this.#losses.delete(listener)
  }

  lose(loss: HardwareLoss): void {
    this.#loss = loss
    clearInterval(this.#timer)
    for (const listener of this.#losses) listener(loss)
  }

  async close(): Promise<void> {
    this.#loss ??= 'closed'
    clearInterval(this.#timer)
  }

  #require(): void {
    if (this.#loss) throw new HardwareGone(this.#loss)
  }

  #tick(): void {
    this.#hardwareMs += SAMPLE_MS
    const step = SAMPLE_MS / TRAVEL_MS
    if (this.#drive === 'up') this.angle = Math.min(this.blockedAt ?? 1, 1, this.angle + step)
    if (this.#drive === 'down') this.angle = Math.max(0, this.angle - step)
    for (const listener of this.#samples) listener(this.sample)
  }
}

const checkEvent = messageCheck<LockEvent>('lock-link.asyncapi', 'Event')
const checkStatus = messageCheck<LockStatus>('lock-link.asyncapi', 'Status')

/** A broker, and a platform that hears one lock and checks every word against the contract. */
export async function openTablePlatform(lockId: string) {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    aedes.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = await mqtt.connectAsync(url)
  const own = new Set(sockets)
  const events: LockEvent[] = []
  const statuses: LockStatus[] = []
  const violations: unknown[] = []
  const waiting = new Set<() => void>()
  client.on('message', (topic, payload) => {
    try {
      const message: unknown = JSON.parse(payload.toString())
      if (topic === lockTopics.events(lockId)) events.push(checkEvent(message))
      else statuses.push(checkStatus(message))
    } catch (violation) {
      violations.push(violation)
    }
    for (const wake of [...waiting]) wake()
  })
  await client.subscribeAsync([lockTopics.events(lockId), lockTopics.status(lockId)], { qos: 1 })

  /** The first match in `list` from `from` on, now or later. */
  function find<T>(list: readonly T[], matches: (item: T) => boolean, from = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        waiting.delete(look)
        const seen = JSON.stringify(list.slice(from))
        reject(new Error(`what the test waits for has not come in ${DEADLINE_MS} ms; since then: ${seen}`))
      }, DEADLINE_MS)
      const look = () => {
        const found = list.slice(from).find(matches)
        if (!found) return
        clearTimeout(deadline)
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  }
  let commands = 0
  return {
    broker: { url, username: lockId, password: 'none' },
    events,
    statuses,
    violations,
    event: (matches: (event: LockEvent) => boolean, from?: number) => find(events, matches, from),
    status: (matches: (status: LockStatus) => boolean, from?: number) => find(statuses, matches, from),
    publish: (payload: string, retain = false) =>
      client.publishAsync(lockTopics.commands(lockId), payload, { qos: 1, retain }),
    /** Sends a command and waits for its result. */
    async command(
      body: LockCommandBody,
      head: { id?: string; expiresAt?: string; stream?: string; sequence?: number } = {},
    ) {
      const id = head.id ?? `command-${++commands}`
      const from = events.length
      const result = find(events, (e) => e.type === 'command-result' && e.commandId === id, from)
      const envelope = { id, issuedAt: '2026-01-01T00:00:00Z', expiresAt: '2026-01-02T00:00:00Z', ...head }
      await client.publishAsync(lockTopics.commands(lockId), JSON.stringify({ ...envelope, ...body }), {
        qos: 1,
      })
      return (await result) as LockEvent & { readonly type: 'command-result' }
    },
    /** Cuts the lock's connection. */
    cut() {
      for (const socket of sockets) if (!own.has(socket)) socket.destroy()
    },
    async close() {
      await client.endAsync(true)
      await new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve())))
    },
  }
}
