import type { Wgs84Point } from '../../../reference/domain/coordinates.js'

/** One sentence of NMEA 0183 with its checksum (the XOR of all between `$` and `*`) and CR LF. */
export function nmeaSentence(body: string): string {
  let checksum = 0
  for (const character of body) checksum ^= character.charCodeAt(0)
  return `$${body}*${checksum.toString(16).toUpperCase().padStart(2, '0')}\r\n`
}

/** RMC: the recommended minimum; `A` says that the fix is valid. @param epochMs UTC of the fix */
export function rmc(point: Wgs84Point, epochMs: number): string {
  const date = new Date(epochMs).toISOString()
  const day = `${date.slice(8, 10)}${date.slice(5, 7)}${date.slice(2, 4)}`
  return nmeaSentence(`GPRMC,${utc(date)},A,${position(point)},0.00,0.00,${day},,,A`)
}

/** GGA: the fix with its quality (1: GPS), satellites and dilution. @param epochMs UTC of the fix */
export function gga(point: Wgs84Point, epochMs: number, hdop: number): string {
  const time = utc(new Date(epochMs).toISOString())
  return nmeaSentence(`GPGGA,${time},${position(point)},1,09,${hdop.toFixed(1)},12.0,M,0.0,M,,`)
}

/** RMC and GGA of a receiver without a fix. @param epochMs UTC */
export function voidSentences(epochMs: number): string {
  const date = new Date(epochMs).toISOString()
  const day = `${date.slice(8, 10)}${date.slice(5, 7)}${date.slice(2, 4)}`
  const noFix = nmeaSentence(`GPRMC,${utc(date)},V,,,,,,,${day},,,N`)
  return noFix + nmeaSentence(`GPGGA,${utc(date)},,,,,0,00,99.9,,M,,M,,`)
}

function utc(isoDate: string): string {
  return `${isoDate.slice(11, 13)}${isoDate.slice(14, 16)}${isoDate.slice(17, 19)}.${isoDate.slice(20, 22)}`
}

function position({ latitude, longitude }: Wgs84Point): string {
  const north = `${minutes(latitude, 2)},${latitude < 0 ? 'S' : 'N'}`
  return `${north},${minutes(longitude, 3)},${longitude < 0 ? 'W' : 'E'}`
}

/** `ddmm.mmmmm`: minutes to 5 places are 2 cm. Rounded first, so that 59.999999′ becomes the next degree. */
function minutes(degrees: number, degreeDigits: number): string {
  const total = Math.round(Math.abs(degrees) * 60 * 1e5)
  const whole = Math.floor(total / (60 * 1e5))
  const rest = (total - whole * 60 * 1e5) / 1e5
  return `${String(whole).padStart(degreeDigits, '0')}${rest.toFixed(5).padStart(8, '0')}`
}
