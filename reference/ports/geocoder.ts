import type { Gcj02Point } from '../domain/coordinates.js'

export interface Place {
  /** As a user would say it. */
  readonly name: string
  readonly point: Gcj02Point
}

/** Finds places by their names. */
export interface Geocoder {
  /** The place that a user's text names, or undefined when it names none. */
  locate(text: string): Promise<Place | undefined>
}
