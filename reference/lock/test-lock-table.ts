import assert from 'node:assert/strict'
import { wgs84 } from '../domain/coordinates.js'
import { createUnlockCode, type UnlockCode } from '../domain/unlock-code.js'
import type { Camera, Frame } from '../ports/camera.js'
import type { Clock } from '../ports/clock.js'
import type { Decoder } from '../ports/decoder.js'
import type { GpsFix } from '../ports/gps.js'
import type { SqlStore } from '../ports/sql-store.js'
import type { HealthOptions } from '../scanner/camera-health.js'
import { openLibsqlStore } from '../../rigs/drivers/libsql/libsql-store.js'
import { startLock, type RunningLock } from './start-lock.js'
import { openTablePlatform, TableBolt } from './test-lock.js'

export const LOCATION = { latitude: 31.2304, longitude: 121.4737 }
export const ELSEWHERE = { latitude: 31.24, longitude: 121.4737 }
export const TOMORROW = '2026-01-02T00:00:00Z'

const FRAME: Frame = { width: 1, height: 1, grey: new Uint8Array(1), capturedAt: 0 }

let drawn = 0
export const newCode = (): UnlockCode => createUnlockCode(() => drawn++ % 10)

/** Lock L-17 on the table: its hardware, its storage, its platform, and a scanner that sees what the test says. */
export class LockTable {
  hardware = new TableBolt()
  /** Business time. */
  now = Date.parse('2026-01-01T12:00:00Z')
  readonly clock: Clock = { now: () => this.now, at: () => () => undefined }
  /** What the scanner can read in its next frames; `beside` stays when `show` takes its text away. */
  inSight: string | undefined
  beside: readonly string[] = []
  logged: string[] = []
  #ids = 0
  readonly #fixListeners = new Set<(fix: GpsFix) => void>()
  readonly #frames = new Set<(frame: Frame) => void>()
  readonly #cameraLosses = new Set<(reason: string) => void>()
  /** What the next lock to be started holds its camera's pictures against. */
  cameraHealth: HealthOptions | undefined

  private constructor(
    public platform: Awaited<ReturnType<typeof openTablePlatform>>,
    readonly store: SqlStore,
  ) {}

  lock!: RunningLock

  static async open(): Promise<LockTable> {
    const table = new LockTable(await openTablePlatform('L-17'), await openLibsqlStore('libsql::memory:'))
    table.lock = await table.start()
    return table
  }

  start(): Promise<RunningLock> {
    const camera: Camera = {
      onFrame: (listener) => {
        this.#frames.add(listener)
        return () => this.#frames.delete(listener)
      },
      onLost: (listener) => {
        this.#cameraLosses.add(listener)
        return () => this.#cameraLosses.delete(listener)
      },
      close: async () => undefined,
    }
    const decoder: Decoder = {
      decode: async () => {
        const texts = [...this.beside, ...(this.inSight === undefined ? [] : [this.inSight])]
        return texts.map((text) => ({ text, symbology: 'qr', corners: [], by: 'table' }))
      },
      close: async () => undefined,
    }
    return startLock(
      { lockId: 'L-17', bayId: 'B-17', broker: this.platform.broker, presetLocation: LOCATION },
      {
        hardware: this.hardware,
        gps: {
          fix: undefined,
          onFix: (listener) => {
            this.#fixListeners.add(listener)
            return () => this.#fixListeners.delete(listener)
          },
          close: async () => undefined,
        },
        scanner: { camera, decoder, ...(this.cameraHealth && { health: this.cameraHealth }) },
        store: this.store,
        clock: this.clock,
        newId: () => `event-${++this.#ids}`,
        log: {
          record: (event, fields) => {
            this.logged.push(JSON.stringify([event, { ...fields, code: undefined }]))
          },
        },
      },
    )
  }

  /** What the receiver says next. */
  fixAt(latitude: number, hdop = 0.9): void {
    const fix = { point: wgs84(latitude, LOCATION.longitude), hdop }
    for (const listener of this.#fixListeners) listener(fix)
  }

  /** Ends controller and board, and starts them again with the bolt at an angle. */
  async restart(angle: number): Promise<void> {
    await this.lock.close()
    await this.hardware.close()
    this.hardware = new TableBolt(angle)
    this.lock = await this.start()
  }

  frame(frame: Frame = FRAME): void {
    for (const listener of this.#frames) listener(frame)
  }

  loseCamera(reason: string): void {
    for (const listener of this.#cameraLosses) listener(reason)
  }

  /** Shows a text, waits for the verdict, and takes it away for long enough to count again. */
  async show(text: string): Promise<string> {
    const from = this.platform.events.length
    this.inSight = text
    this.frame()
    const scanned = await this.platform.event((e) => e.type === 'code-scanned', from)
    this.inSight = undefined
    for (let look = 0; look < 6; look++) {
      this.frame()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return (scanned as { verdict: string }).verdict
  }

  boltIs(bolt: string, from?: number) {
    return this.platform.event((e) => e.type === 'bolt-changed' && e.bolt === bolt, from)
  }

  async reserveWithCode(reservationId: string, code: UnlockCode, validUntil = TOMORROW) {
    await this.platform.command({ type: 'reserve', reservationId, location: LOCATION, holdUntil: TOMORROW })
    return this.platform.command({ type: 'unlock-code', reservationId, code, validUntil })
  }

  /** Clears the table; what broke the contract or went wrong unseen fails the test. */
  async close(): Promise<void> {
    await this.lock.close()
    await this.hardware.close()
    await this.platform.close()
    await this.store.close()
    assert.deepEqual(this.platform.violations, [])
    const faults = this.logged.filter((line) => /failed|outbox-stuck|untold/.test(line))
    assert.deepEqual(faults, [])
  }
}
