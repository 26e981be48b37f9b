/**
 * Points on the earth, with the datum in the type, so that the two that are in use in China cannot be mixed:
 * GCJ-02 (what Chinese maps and WeChat's location messages show) differs from WGS-84 (what GPS receivers and
 * surveys give) by 117–675 m inside China.
 */

/** A WGS-84 position: degrees, latitude −90…90, longitude −180…180. */
export interface Wgs84Point {
  readonly datum: 'WGS-84'
  readonly latitude: number
  readonly longitude: number
}

/** A GCJ-02 position: degrees, latitude −90…90, longitude −180…180. */
export interface Gcj02Point {
  readonly datum: 'GCJ-02'
  readonly latitude: number
  readonly longitude: number
}

/** Thrown for a latitude or longitude that is not a finite number of degrees in range. */
export class CoordinateOutOfRange extends Error {
  override readonly name = 'CoordinateOutOfRange'
  constructor(axis: 'latitude' | 'longitude', value: number) {
    super(`${axis} ${value} is not a number of degrees in range; are latitude and longitude swapped?`)
  }
}

function requireDegrees(latitude: number, longitude: number): void {
  if (!(Math.abs(latitude) <= 90)) throw new CoordinateOutOfRange('latitude', latitude)
  if (!(Math.abs(longitude) <= 180)) throw new CoordinateOutOfRange('longitude', longitude)
}

/** @throws CoordinateOutOfRange */
export function wgs84(latitude: number, longitude: number): Wgs84Point {
  requireDegrees(latitude, longitude)
  return { datum: 'WGS-84', latitude, longitude }
}

/** @throws CoordinateOutOfRange */
export function gcj02(latitude: number, longitude: number): Gcj02Point {
  requireDegrees(latitude, longitude)
  return { datum: 'GCJ-02', latitude, longitude }
}

/** Mean earth radius in metres (IUGG R1). */
const EARTH_RADIUS_METRES = 6_371_008.8

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Great-circle distance in metres (haversine) between two points of the same datum. */
export function distanceMetres<P extends Wgs84Point | Gcj02Point>(from: P, to: NoInfer<P>): number {
  const φ1 = radians(from.latitude)
  const φ2 = radians(to.latitude)
  const a =
    Math.sin((φ2 - φ1) / 2) ** 2 +
    Math.cos(φ1) * Math.cos(φ2) * Math.sin(radians(to.longitude - from.longitude) / 2) ** 2
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(a)))
}

/** Krasovsky 1940 ellipsoid, on which the GCJ-02 offset is defined. */
const SEMI_MAJOR_METRES = 6_378_245
const ECCENTRICITY_SQUARED = 0.00669342162296594323

/** The rectangle in which the offset applies; outside it both datums are the same. */
function isInsideChina({ latitude, longitude }: Wgs84Point): boolean {
  return longitude >= 72.004 && longitude <= 137.8347 && latitude >= 0.8293 && latitude <= 55.8271
}

/**
 * The GCJ-02 position of a WGS-84 one. Positions that must meet are brought to GCJ-02, never back: the inverse is
 * iterative, and known implementations of it never end near the edges of the rectangle, so a forged location could
 * freeze a server.
 */
export function wgs84ToGcj02(point: Wgs84Point): Gcj02Point {
  if (!isInsideChina(point)) return gcj02(point.latitude, point.longitude)
  const x = point.longitude - 105
  const y = point.latitude - 35
  const ripple = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3)
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    ripple +
    (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3) +
    (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * (2 / 3)
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    ripple +
    (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3) +
    (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3)
  const φ = radians(point.latitude)
  const magic = 1 - ECCENTRICITY_SQUARED * Math.sin(φ) ** 2
  const metresPerDegreeNorth =
    ((SEMI_MAJOR_METRES * (1 - ECCENTRICITY_SQUARED)) / (magic * Math.sqrt(magic))) * (Math.PI / 180)
  const metresPerDegreeEast = (SEMI_MAJOR_METRES / Math.sqrt(magic)) * Math.cos(φ) * (Math.PI / 180)
  return gcj02(point.latitude + north / metresPerDegreeNorth, point.longitude + east / metresPerDegreeEast)
}

/** The offset changes so little from place to place that each step brings two to three digits. */
const INVERSE_STEPS = 12
/** How well the answer has to lead back to where the question was, metres: far below what a survey is good for. */
const INVERSE_TOLERANCE_METRES = 0.01

/**
 * The WGS-84 position of a surveyed GCJ-02 one, for inventories that come in that datum. It always ends, after a fixed
 * number of steps.
 * @returns undefined where there is none: at the edges of the rectangle, where the offset begins
 */
export function gcj02ToWgs84(point: Gcj02Point): Wgs84Point | undefined {
  let { latitude, longitude } = point
  for (let step = 0; step < INVERSE_STEPS; step++) {
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined
    const forward = wgs84ToGcj02(wgs84(latitude, longitude))
    latitude += point.latitude - forward.latitude
    longitude += point.longitude - forward.longitude
  }
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined
  const found = wgs84(latitude, longitude)
  return distanceMetres(wgs84ToGcj02(found), point) <= INVERSE_TOLERANCE_METRES ? found : undefined
}
