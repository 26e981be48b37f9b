import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtefactEntry, BoltSample, ConversationLine } from '../evidence/run-record.js'
import { monotonicNow } from '../evidence/timeline.js'
import { lockPinMap } from '../pin-map.js'
import type { BenchParts } from './bench-parts.js'
import type { FromLock } from './lock/lock-messages.js'
import type { Driver } from './people/driver.js'
import type { OpenStage } from './stage/open-stage.js'
import type { WireContract } from './wires/contract-watch.js'
import { WIRES } from './wires/wires.js'

type Scanned = Extract<FromLock, { kind: 'scanned' }>

/** Writes what one scenario leaves behind, in the formats of `rigs/evidence/run-record.ts`. */
export class ScenarioEvidence {
  readonly #entries: ArtefactEntry[] = []
  readonly #scanned: Scanned[] = []
  readonly #from = monotonicNow()
  readonly #onScanned = (scanned: Scanned) => void this.#scanned.push(scanned)

  private constructor(
    private readonly bench: BenchParts,
    private readonly folder: string,
    private readonly fromHardwareMs: number,
  ) {
    mkdirSync(folder, { recursive: true })
    bench.keeper.events.on('scanned', this.#onScanned)
  }

  static async begin(bench: BenchParts, id: string): Promise<ScenarioEvidence> {
    const { hardwareMs } = await bench.board.observe()
    return new ScenarioEvidence(bench, join(bench.evidenceFolder, 'scenarios', id), hardwareMs)
  }

  /** @param open undefined when no step needed the parties */
  async end(open: OpenStage | undefined, contracts: readonly WireContract[]): Promise<void> {
    this.bench.keeper.events.off('scanned', this.#onScanned)
    if (open) {
      for (const [i, driver] of open.stage.drivers.entries()) await this.#conversation(driver, i + 1)
      this.#scannedFrames()
      this.#write('head-unit.png', open.headUnitPicture(), {
        title: 'The head unit',
        kind: 'picture',
        wire: WIRES.can.wire,
      })
      this.#write('can.log', open.canLog(), { title: 'CAN log', kind: 'can-log', wire: WIRES.can.wire })
    }
    await this.#boltTrace()
    this.#write('contracts.json', JSON.stringify(contracts, null, 2), {
      title: 'Contracts',
      kind: 'contracts',
    })
    const window = { fromMonotonic: this.#from, toMonotonic: monotonicNow() }
    writeFileSync(join(this.folder, 'window.json'), JSON.stringify(window))
    writeFileSync(join(this.folder, 'artefacts.json'), JSON.stringify(this.#entries, null, 2))
  }

  async #conversation(driver: Driver, number: number): Promise<void> {
    const { device, messages } = await driver.conversation()
    const lines: ConversationLine[] = []
    for (const { seq, from, kind, text, mediaId, at } of messages) {
      const line = { from, kind, at, ...(text !== undefined && { text }) }
      if (mediaId === undefined) {
        lines.push(line)
        continue
      }
      const picture = `code-${number}-${seq}.png`
      const title = `The code that the driver${number > 1 ? ` (no. ${number})` : ''} was sent`
      this.#write(picture, await driver.picture(mediaId), { title, kind: 'picture', wire: WIRES.api.wire })
      lines.push({ ...line, picture })
    }
    const title = `WeChat on a ${device}${number > 1 ? ` (driver no. ${number})` : ''}`
    const kind = 'conversation'
    this.#write(`conversation-${number}.json`, JSON.stringify(lines, null, 2), {
      title,
      kind,
      wire: WIRES.phone.wire,
    })
  }

  #scannedFrames(): void {
    for (const [i, { file, symbology, by }] of this.#scanned.entries()) {
      const name = `scanned-frame-${i + 1}.png`
      copyFileSync(file, join(this.folder, name))
      const title = `The frame that was read (${symbology}, by ${by})`
      this.#entries.push({ file: name, title, kind: 'picture', wire: WIRES.light.wire })
    }
  }

  /** The plant's trace since the scenario began; degrees as people count them, 90 up and 0 down. */
  async #boltTrace(): Promise<void> {
    const until = await this.bench.board.observe()
    const { up, down } = lockPinMap.servo.degrees
    const lines = readFileSync(join(this.bench.evidenceFolder, 'board', 'plant.ndjson'), 'utf8').split('\n')
    const samples: BoltSample[] = []
    for (const line of [...lines.filter(isWhole), JSON.stringify(until)]) {
      const { hardwareMs, degrees, supplied, currentAmps } = JSON.parse(line) as typeof until
      if (hardwareMs < this.fromHardwareMs) continue
      const angle = Math.round(((degrees - down) / (up - down)) * 900) / 10
      samples.push({ hardwareMs, angle, supplied, currentAmps })
    }
    const text = samples.map((sample) => JSON.stringify(sample)).join('\n')
    this.#write('bolt.ndjson', `${text}\n`, { title: 'The bolt', kind: 'bolt-trace', wire: WIRES.board.wire })
  }

  #write(file: string, content: string | Buffer, entry: Omit<ArtefactEntry, 'file'>): void {
    writeFileSync(join(this.folder, file), content)
    this.#entries.push({ file, ...entry })
  }
}

/** The last line may still be on its way to the disk. */
const isWhole = (line: string) => line.startsWith('{') && line.endsWith('}')
