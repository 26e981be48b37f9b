import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from '../../reference/package-root.js'
import { startFleetParties } from '../fleet/fixtures/fleet-parties.js'
import type { FleetReport } from '../fleet/fleet-report.js'

const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')

async function lockstep(...args: string[]) {
  const child = spawn(process.execPath, [LOCKSTEP, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (data: Buffer) => (said.stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (said.stderr += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-fleet-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test("a fleet on a city's own bays plays against parties that are there already", async () => {
  await inFolder(async (folder) => {
    const locks = ['K-1', 'K-2', 'K-3']
    const vehicles = ['EV-1', 'EV-2']
    const parties = await startFleetParties(locks, vehicles)
    try {
      const { broker, platform, wechat } = parties
      const rows = locks.map((lock, n) => `C-${n + 1},${lock},31.2${n}5,121.4${n}1,5`)
      writeFileSync(join(folder, 'bays.csv'), ['编号,锁,纬度,经度,价格', ...rows, 'C-4,,north,,'].join('\n'))
      const passwords = [...locks, ...vehicles].map((name) => `${name}:${broker.passwordOf(name)}`)
      writeFileSync(join(folder, 'passwords'), passwords.join('\n'))
      const columns = {
        bayId: '编号',
        lockId: '锁',
        latitude: '纬度',
        longitude: '经度',
        pricePerHourYuan: '价格',
      }
      const config = {
        broker: { url: broker.url, passwords: { file: 'passwords' } },
        platform,
        wechat,
        vehicles: { pattern: 'EV-{n}' },
        inventory: { file: 'bays.csv', datum: 'WGS-84', columns },
      }
      writeFileSync(join(folder, 'fleet.yaml'), JSON.stringify(config))
      const picture = join(folder, 'latency.svg')
      const asked = ['--seconds', '3', '--journeys-per-minute', '120', '--users', '3', '--vehicles', '2']
      const times = ['--drive', '0.1', '--stay', '0.1', '--patience', '20', '--picture', picture]
      const { code, stdout, stderr } = await lockstep(
        'fleet',
        ...['--config', join(folder, 'fleet.yaml'), '--json', ...asked, ...times],
      )
      assert.equal(code, 0, stderr)
      const report = JSON.parse(stdout) as FleetReport
      assert.deepEqual([report.played.locks, report.played.vehicles, report.played.users], [3, 2, 3])
      assert.match(report.bays, /^3 of 3 bays of .*bays\.csv, 1 bad rows$/)
      assert.match(stderr, /bays\.csv:5: /)
      assert.ok(report.figures.journeys.completed > 0, stdout)
      assert.ok((report.figures.changeToCard.all.p99Ms ?? 0) > 0)
      assert.match(readFileSync(picture, 'utf8'), /^<svg .*\n[^]*3 locks, /)
      for (const name of [...locks, ...vehicles]) assert.ok(!stderr.includes(broker.passwordOf(name)))
    } finally {
      await parties.close()
    }
  })
})

test("a fleet loads a rig's parties while the bench's own lock runs its scenario", async () => {
  await inFolder(async (folder) => {
    const { code, stdout, stderr } = await lockstep(
      'fleet',
      join(packageRoot, 'features', 'unlocking', 'code.feature:6'),
      ...['--rig', 'virtual', '--locks', '5', '--vehicles', '2', '--users', '3', '--json', '--openings', '1'],
      ...['--seconds', '4', '--journeys-per-minute', '120', '--drive', '0.1', '--stay', '0.1'],
      ...['--evidence', join(folder, 'evidence')],
    )
    assert.equal(code, 0, stderr)
    const { bench, figures, parties, contracts } = JSON.parse(stdout) as FleetReport
    assert.ok(figures.journeys.completed > 0 && figures.breaches.count === 0, stdout)
    const [scenario] = bench?.scenarios ?? []
    assert.deepEqual([bench?.scenarios.length, scenario?.failed], [1, 0])
    assert.ok((scenario?.passed ?? 0) >= 2)
    assert.ok((bench?.unlock.unloaded.wall.p50Ms ?? 0) > 0)
    assert.ok(parties === undefined || parties.some(({ party }) => party === 'fleet'))
    // What the fleet sends is held against the contracts, and is no evidence.
    const events = contracts?.find(({ wire }) => wire.includes('lock'))
    assert.ok((events?.checked ?? 0) > 20 && events?.violations === 0)
    const timeline = readFileSync(join(folder, 'evidence', 'timeline', 'runner.ndjson'), 'utf8')
    assert.ok(timeline.includes('locks/L-17/') && !timeline.includes('locks/FL-'))
  })
})

test('what cannot be played is refused by name', async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'fleet.yaml')
    writeFileSync(
      file,
      'broker:\n  url: http://nowhere\n  passwords: { file: none }\nwechat: { url: http://x }\n',
    )
    const mistakes = await lockstep('fleet', '--config', file)
    assert.equal(mistakes.code, 2)
    assert.match(mistakes.stderr, /fleet\.yaml:2:8 .*broker\.url/)
    assert.match(mistakes.stderr, /fleet\.yaml:4:9 .*wechat.*appId/)
    writeFileSync(
      file,
      'broker:\n  url: mqtt://127.0.0.1:1\n  passwords: { file: none }\nwechat: { url: http://x, appId: wx }\n',
    )
    const missing = await lockstep('fleet', '--config', file)
    assert.equal(missing.code, 2)
    assert.match(missing.stderr, /fleet\.yaml:3:22 .*there is no file none/)
    for (const [args, words] of [
      [['--locks', 'many'], /--locks many/],
      [['--vehicles', '4', '--users', '3'], /a car belongs to a user/],
      [['--inventory', 'bays.csv'], /--datum/],
      [['--config', file, '--tags', '@x'], /scenarios run on a bench/],
    ] as const) {
      const { code, stderr } = await lockstep('fleet', ...args)
      assert.equal(code, 2, stderr)
      assert.match(stderr, words)
    }
  })
})
