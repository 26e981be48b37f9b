import { wgs84ToGcj02, type Wgs84Point } from '../domain/coordinates.js'

/** Shows a place on the map of whoever opens it: Amap's URI API, whose `gaode` coordinates are GCJ-02. */
export function mapLink(place: Wgs84Point, name: string): string {
  const { latitude, longitude } = wgs84ToGcj02(place)
  const url = new URL('https://uri.amap.com/marker')
  url.searchParams.set('position', `${longitude.toFixed(6)},${latitude.toFixed(6)}`)
  url.searchParams.set('name', name)
  url.searchParams.set('coordinate', 'gaode')
  return url.href
}
