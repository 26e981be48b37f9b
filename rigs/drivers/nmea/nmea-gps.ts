import type { Readable } from 'node:stream'
import { GPS } from 'gps'
import { wgs84 } from '../../../reference/domain/coordinates.js'
import type { Gps, GpsFix } from '../../../reference/ports/gps.js'

/** NMEA 0183 allows 82 characters; a longer line is noise and is dropped. */
const MAX_LINE_CHARACTERS = 200

/** Dilution when no GGA has told it yet: "unknown" of most receivers. */
const UNKNOWN_HDOP = 99

/** What a receiver's line has carried so far. */
export interface NmeaCounts {
  readonly fixes: number
  /** Sentences whose checksum was wrong. */
  readonly badChecksums: number
  /** RMC and GGA that say they have no fix. */
  readonly voidFixes: number
  /** Fixes of the same second and fraction as the one before: the receiver's time stands still. */
  readonly staleFixes: number
  /** Lines that are no sentence at all. */
  readonly unreadable: number
}

/**
 * A GPS receiver on any byte stream (its own serial port, or a TCP socket). Fixes come from RMC; GGA gives the
 * dilution. The `gps` library returns coordinates even for a sentence whose checksum is wrong, and calls a void one
 * valid: both are looked at here.
 */
export class NmeaGps implements Gps {
  readonly #stream: Readable
  readonly #listeners = new Set<(fix: GpsFix) => void>()
  #fix: GpsFix | undefined
  #hdop = UNKNOWN_HDOP
  #lastTime: number | undefined
  #rest = ''
  #counts = { fixes: 0, badChecksums: 0, voidFixes: 0, staleFixes: 0, unreadable: 0 }

  /** @param onLost told once when the stream ends or fails */
  constructor(stream: Readable, onLost: (error?: Error) => void = () => {}) {
    this.#stream = stream
    let cause: Error | undefined
    stream.on('data', (bytes: Buffer) => this.#take(bytes.toString('latin1')))
    stream.on('error', (error) => (cause = error))
    stream.on('close', () => onLost(cause))
  }

  get fix(): GpsFix | undefined {
    return this.#fix
  }

  get counts(): NmeaCounts {
    return { ...this.#counts }
  }

  onFix(listener: (fix: GpsFix) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#stream.destroy()
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#read(line)
    if (this.#rest.length > MAX_LINE_CHARACTERS) {
      this.#rest = ''
      this.#counts.unreadable++
    }
  }

  #read(line: string): void {
    if (line === '') return
    const sentence = parse(line)
    if (!sentence) {
      this.#counts.unreadable++
    } else if (!sentence.valid) {
      this.#counts.badChecksums++
    } else if (sentence.type === 'GGA') {
      if (sentence.hdop !== null) this.#hdop = sentence.hdop
    } else if (sentence.type === 'RMC') {
      if (sentence.status !== 'active' || sentence.lat === null || sentence.lon === null)
        this.#counts.voidFixes++
      else this.#tell(sentence.lat, sentence.lon, sentence.time?.getTime())
    }
  }

  #tell(latitude: number, longitude: number, time: number | undefined): void {
    if (time !== undefined && time === this.#lastTime) {
      this.#counts.staleFixes++
      return
    }
    this.#lastTime = time
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
      this.#counts.unreadable++
      return
    }
    const fix = { point: wgs84(latitude, longitude), hdop: this.#hdop }
    this.#fix = fix
    this.#counts.fixes++
    for (const listener of this.#listeners) listener(fix)
  }
}

/** The library throws for some malformed fields; on this wire that is a line like any other bad one. */
function parse(line: string) {
  try {
    return GPS.Parse(line)
  } catch {
    return false
  }
}
