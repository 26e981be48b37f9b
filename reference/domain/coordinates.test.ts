import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import gcoordModule from 'gcoord'
import {
  CoordinateOutOfRange,
  distanceMetres,
  gcj02,
  gcj02ToWgs84,
  wgs84,
  wgs84ToGcj02,
} from './coordinates.js'

/** The package's types describe its ES build; what Node loads is the same object without `default`. */
const gcoord = gcoordModule as unknown as typeof gcoordModule.default

const insideChina = fc.record({
  latitude: fc.double({ min: 18, max: 53, noNaN: true }),
  longitude: fc.double({ min: 74, max: 134, noNaN: true }),
})

test('the offset agrees with an independent implementation to a millimetre', () => {
  fc.assert(
    fc.property(insideChina, ({ latitude, longitude }) => {
      const [lon, lat] = gcoord.transform([longitude, latitude], gcoord.WGS84, gcoord.GCJ02)
      const off = distanceMetres(wgs84ToGcj02(wgs84(latitude, longitude)), gcj02(lat, lon))
      assert.ok(off < 0.001, `${off} m apart`)
    }),
  )
})

test('the datums are hundreds of metres apart in Beijing and the same in Berlin', () => {
  const offset = (latitude: number, longitude: number) => {
    const shown = wgs84ToGcj02(wgs84(latitude, longitude))
    return distanceMetres(gcj02(latitude, longitude), shown)
  }
  assert.ok(Math.abs(offset(39.908, 116.397) - 555) < 10)
  assert.equal(offset(52.52, 13.405), 0)
})

test('a degree of latitude is 111.2 km', () => {
  assert.ok(Math.abs(distanceMetres(wgs84(39, 116), wgs84(40, 116)) - 111_195) < 5)
})

test('what is no position is refused by name', () => {
  for (const [latitude, longitude] of [
    [116.4, 39.9],
    [NaN, 0],
    [0, 181],
    [Infinity, 0],
  ] as const) {
    assert.throws(() => wgs84(latitude, longitude), CoordinateOutOfRange)
  }
})

test('a surveyed GCJ-02 position leads back to where it was surveyed', () => {
  fc.assert(
    fc.property(insideChina, ({ latitude, longitude }) => {
      const survey = wgs84(latitude, longitude)
      const back = gcj02ToWgs84(wgs84ToGcj02(survey))
      assert.ok(back && distanceMetres(back, survey) < 0.01)
    }),
  )
})

test('the way back ends wherever a forged position points, with a position that leads forth again or none', () => {
  const edges = [72.004, 72.006, 72.008, 137.8347, 0, 180, -180]
  const spinning = fc.record({
    // Where iterations of others never end (longitude 72.004–72.008, latitude 0.8293–0.83), and anywhere at all.
    latitude: fc.oneof(
      fc.double({ min: 0.829, max: 0.8305, noNaN: true }),
      fc.double({ min: -90, max: 90, noNaN: true }),
    ),
    longitude: fc.oneof(
      fc.double({ min: 72.003, max: 72.009, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.constantFrom(...edges),
    ),
  })
  fc.assert(
    fc.property(spinning, ({ latitude, longitude }) => {
      const point = gcj02(latitude, longitude)
      const back = gcj02ToWgs84(point)
      assert.ok(!back || distanceMetres(wgs84ToGcj02(back), point) <= 0.01)
    }),
    { numRuns: 2_000 },
  )
  for (const value of [NaN, Infinity, -Infinity, 1e308, 90.000001]) {
    assert.throws(() => gcj02(value, 116), CoordinateOutOfRange)
  }
})
