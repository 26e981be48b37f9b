import type { Wgs84Point } from '../domain/coordinates.js'

/** A fix that the receiver calls valid and whose sentence's checksum held. */
export interface GpsFix {
  readonly point: Wgs84Point
  /** Horizontal dilution of precision. */
  readonly hdop: number
}

export interface Gps {
  /** The newest fix, if there has been one. */
  readonly fix: GpsFix | undefined
  /** @returns unsubscribe */
  onFix(listener: (fix: GpsFix) => void): () => void
  close(): Promise<void>
}
