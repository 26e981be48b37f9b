import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { distanceMetres, gcj02, wgs84, wgs84ToGcj02 } from '../../domain/coordinates.js'
import type { InventoryFileSettings } from './inventory-fields.js'
import { readInventoryCsv } from './inventory-csv.js'
import { readInventoryGeoJson } from './inventory-geojson.js'
import { InventoryFileUnreadable } from './inventory-tally.js'
import { readInventoryFile } from './read-inventory-file.js'

const WGS84: InventoryFileSettings = { datum: 'WGS-84' }
const HEAD = 'bayId,label,lockId,latitude,longitude,pricePerHourFen'

async function* bytesOf(...chunks: (string | Uint8Array)[]) {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
const csv = (text: string, settings: Parameters<typeof readInventoryCsv>[1] = WGS84) =>
  readInventoryCsv(bytesOf(text), settings)

test('good rows are kept, bad ones named by line, field and reason, and counted', async () => {
  const { items, bad, badRows } = await csv(
    [
      HEAD,
      'B-1,东区一号,L-1,39.9,116.4,500',
      'B-2,,,39.9,116.4,600',
      'B 3,x,L-3,39.9,116.4,500',
      'B-4,x,L-4,116.4,39.9,500',
      'B-5,x,L-5,39.9,116.4,-1',
      'B-6,x,L-6,NaN,116.4,500',
      'B-7,x,L-7,39.9,116.4,1e3',
      '',
      'B-8,"two\nlines",L-8,39.9,116.4,500',
      'B-9,x,L-1,39.9,116.4,500',
      'B-1,x,L-10,39.9,116.4,500',
      'B-11,x,L-11,39.9',
      'B-12,x,L-12,39.9,116.4,',
      'B-13,x,L-13,39.9,116.4,500',
    ].join('\n'),
  )
  assert.deepEqual(
    items.map(({ bayId }) => bayId),
    ['B-1', 'B-2', 'B-13'],
  )
  assert.deepEqual([items[1]?.label, items[1]?.lockId], ['B-2', 'B-2'])
  assert.equal(badRows, 10)
  assert.deepEqual(
    bad.map(({ line, field }) => `${line} ${field}`),
    [
      '4 bayId',
      '5 latitude',
      '6 pricePerHourFen',
      '7 latitude',
      '8 pricePerHourFen',
      '10 label',
      '12 lockId',
      '13 bayId',
      '14 row',
      '15 pricePerHourFen',
    ],
  )
  assert.match(bad[1]?.reason ?? '', /swapped/)
  assert.match(bad[6]?.reason ?? '', /stands in line 2 already/)
})

test('a city’s own column names, separator, encoding, unit and sizes are read', async () => {
  const text =
    '编号;名称;纬度;经度;价格;长;宽;高;充电;功率\nA-1;东区;39.9;116.4;7.5;5.3;2.5;2.1;DC;120\nA-2;西区;39.9;116.4;6;;;;;\n'
  // What Excel writes in China; 编, 号 and so on by hand, since Node has no encoder for it.
  const settings = {
    datum: 'WGS-84',
    delimiter: ';',
    columns: {
      bayId: '编号',
      label: '名称',
      latitude: '纬度',
      longitude: '经度',
      pricePerHourYuan: '价格',
      lengthMetres: '长',
      widthMetres: '宽',
      heightMetres: '高',
      chargerKind: '充电',
      chargerKilowatts: '功率',
    },
  } as const
  const { items, badRows } = await csv(text, settings)
  assert.equal(badRows, 0)
  assert.deepEqual(items, [
    {
      bayId: 'A-1',
      label: '东区',
      lockId: 'A-1',
      location: { latitude: 39.9, longitude: 116.4 },
      pricePerHourFen: 750,
      size: { lengthMetres: 5.3, widthMetres: 2.5, heightMetres: 2.1 },
      charger: { kind: 'dc', powerKilowatts: 120 },
    },
    {
      bayId: 'A-2',
      label: '西区',
      lockId: 'A-2',
      location: { latitude: 39.9, longitude: 116.4 },
      pricePerHourFen: 600,
    },
  ])
  const gbk = Uint8Array.of(0xb1, 0xe0, 0xba, 0xc5) // 编号
  const rest = ',latitude,longitude,pricePerHourFen\nA-1,39.9,116.4,500\n'
  const chinese = { datum: 'WGS-84', columns: { bayId: '编号' } } as const
  // Split inside a character: chunks end anywhere.
  const bytes = () => bytesOf(gbk.slice(0, 3), gbk.slice(3), rest)
  assert.equal((await readInventoryCsv(bytes(), { ...chinese, encoding: 'gbk' })).items.length, 1)
  await assert.rejects(readInventoryCsv(bytes(), chinese), /not utf-8; say its encoding/)
})

test('the datum that is stated decides where a bay is', async () => {
  const survey = wgs84(39.9, 116.4)
  const map = wgs84ToGcj02(survey)
  const row = `${HEAD}\nB-1,x,L-1,${map.latitude},${map.longitude},500\n`
  const found = async (datum: 'WGS-84' | 'GCJ-02') => {
    const [item] = (await csv(row, { datum })).items
    return wgs84(item?.location.latitude ?? 0, item?.location.longitude ?? 0)
  }
  assert.ok(distanceMetres(await found('GCJ-02'), survey) < 0.01)
  assert.ok(distanceMetres(await found('WGS-84'), survey) > 500)
})

test('points and outlines of GeoJSON become bays; whatever else stands there is named by its line', () => {
  const point = (id: string) => ({
    type: 'Feature',
    properties: { bayId: id, pricePerHourFen: 500 },
    geometry: { type: 'Point', coordinates: [116.4, 39.9] },
  })
  const ring = [
    [116.4, 39.9],
    [116.40003, 39.9],
    [116.40003, 39.90005],
    [116.4, 39.90005],
    [116.4, 39.9],
  ]
  const features = [
    point('B-1'),
    { ...point('B-2'), geometry: { type: 'Polygon', coordinates: [ring] } },
    { ...point('B-3'), geometry: { type: 'LineString', coordinates: ring } },
    { ...point('B-4'), geometry: null },
    7,
    [point('B-5')],
    { ...point('B-6'), properties: { __proto__: null, bayId: {} } },
    { type: 'Feature', id: 'B-7', properties: { pricePerHourFen: 1 }, geometry: point('').geometry },
  ]
  const text = `{"type":"FeatureCollection",\n"features":[\n${features.map((one) => JSON.stringify(one)).join(',\n')}]}`
  const columns = { ...WGS84, columns: {} }
  const { items, bad, badRows } = readInventoryGeoJson(text, columns)
  assert.deepEqual(
    items.map(({ bayId }) => bayId),
    ['B-1', 'B-2'],
  )
  const centre = items[1]?.location
  assert.ok(Math.abs((centre?.longitude ?? 0) - 116.400015) < 1e-9)
  assert.ok(Math.abs((centre?.latitude ?? 0) - 39.900025) < 1e-9)
  assert.deepEqual([badRows, bad.map(({ line }) => line)], [6, [5, 6, 7, 8, 9, 10]])
  assert.equal(readInventoryGeoJson(text, { ...WGS84, columns: { bayId: 'id' } }).items[0]?.bayId, 'B-7')
})

test('hostile files end in a named refusal, or lose no more than what cannot be told apart', async () => {
  const swallowed = await csv(
    `${HEAD}\nB-1,x,L-1,39.9,116.4,500\nB-2,"x,L-2,39.9,116.4,500\nB-3,x,L-3,39.9,116.4,500\n`,
  )
  assert.equal(swallowed.items.length, 1)
  assert.deepEqual(swallowed.bad[0], {
    line: 3,
    field: 'row',
    reason: 'a quote is opened here and never closed; nothing from here on was read',
  })
  let drawn = 0
  const endless = await readInventoryCsv(
    (async function* () {
      yield Buffer.from(`${HEAD}\nB-1,x,L-1,39.9,116.4,500\nB-2,"`)
      for (let i = 0; i < 1_000; i++, drawn++) yield Buffer.alloc(65_536, 'x')
    })(),
    WGS84,
  )
  assert.deepEqual([endless.items.length, endless.badRows], [1, 1])
  assert.ok(drawn < 20, 'what is of no use is not read')
  const misquoted = await csv(`${HEAD}\nB-1,x"y,L-1,39.9,116.4,500\nB-2,x,L-2,39.9,116.4,500\n`)
  assert.deepEqual([misquoted.items.length, misquoted.bad[0]?.line], [1, 2])
  for (const [text, why] of [
    ['', /no line of column names/],
    ['a,b\n1,2\n', /no column "bayId"/],
    ['bayId,bayId\n', /same name/],
  ] as const) {
    await assert.rejects(csv(text), why)
  }
  const deep = `{"features":[${'['.repeat(100_000)}`
  for (const [text, why] of [
    [deep, /nested too deep|not JSON/],
    ['{"features":[', /line 1 is not JSON/],
    ['{"features":{}}', /FeatureCollection|list/],
    ['[]', /no FeatureCollection/],
    ['{"a":1} // x', /not JSON/],
  ] as const) {
    assert.throws(() => readInventoryGeoJson(text, WGS84), InventoryFileUnreadable, text.slice(0, 20))
    assert.throws(() => readInventoryGeoJson(text, WGS84), why)
  }
  const spoof = `{"features":[{"properties":{"__proto__":{"bayId":"B-1"},"constructor":1},"geometry":{"type":"Point","coordinates":[116.4,39.9]}}]}`
  assert.equal(readInventoryGeoJson(spoof, WGS84).badRows, 1)
  assert.equal(gcj02(39.9, 116.4).datum, 'GCJ-02')
})

test('a hundred thousand rows are read row by row', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-inventory-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'city.csv')
  const rows = Array.from({ length: 100_000 }, (_, i) => `B-${i},bay ${i},L-${i},39.9,116.4,500`)
  writeFileSync(file, [HEAD, ...rows, 'bad'].join('\n'))
  const before = process.memoryUsage().heapUsed
  const { items, badRows } = await readInventoryFile({ file, datum: 'WGS-84' })
  assert.deepEqual([items.length, badRows], [100_000, 1])
  assert.ok(process.memoryUsage().heapUsed - before < 200 * 1024 * 1024)
  await assert.rejects(readInventoryFile({ file: join(folder, 'none.csv'), datum: 'WGS-84' }), /none\.csv/)
})
