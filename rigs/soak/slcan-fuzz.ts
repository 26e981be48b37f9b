import { Duplex } from 'node:stream'
import { requireSendable } from '../../reference/can/can-frame-check.js'
import { encodeSlcanFrame } from '../../reference/can/slcan-frame.js'
import { InvalidSlcanLine, MAX_SLCAN_LINE, printable } from '../../reference/can/slcan-line.js'
import type { CanBus, CanFrame } from '../../reference/ports/can-bus.js'
import { SlcanDialogue } from '../drivers/slcan/slcan-dialogue.js'
import { serveSlcan } from '../simulated/slcan-adapter/slcan-adapter.js'
import type { Draws } from './draws.js'
import type { FuzzTarget } from './fuzz.js'

export interface SlcanStreamInput {
  /** Who reads the stream: the host's driver, or the adapter. */
  readonly reader: 'host' | 'adapter'
  readonly chunks: readonly Uint8Array[]
}

const ALPHABET = '0123456789ABCDEFabcdefgtTrRdDbBzZOLCSsYVNF\r\x07\n\x00\xff'
const FD_LENGTHS = [0, 7, 8, 12, 24, 48, 64]
const SENTINEL: CanFrame = { id: 0x5a5, extended: false, data: Uint8Array.of(0x5a) }
const SENTINEL_LINE = encodeSlcanFrame(SENTINEL)

function soundFrame(draws: Draws): CanFrame {
  const extended = draws.chance(0.5)
  const id = draws.below(extended ? 2 ** 29 : 2 ** 11)
  if (draws.chance(0.2)) {
    return { id, extended, data: new Uint8Array(0), remote: true, remoteLength: draws.below(9) }
  }
  const fd = draws.chance(0.2)
  const data = draws.bytes(fd ? draws.pick(FD_LENGTHS) : draws.below(9))
  return { id, extended, data, ...(fd && { fd, ...(draws.chance(0.5) && { bitrateSwitch: true }) }) }
}

function soundLine(draws: Draws, reader: SlcanStreamInput['reader']): string {
  if (draws.chance(0.6)) {
    const stamped = reader === 'host' && draws.chance(0.5)
    return encodeSlcanFrame(soundFrame(draws), stamped ? draws.below(60_000) : undefined)
  }
  return draws.pick(
    reader === 'host'
      ? ['', 'z', 'Z', 'F00', 'FA9', 'V1013', 'NA123']
      : ['', 'O', 'L', 'C', 'F', 'V', 'N', 'S6', 'S8', 's031C', 'Z0', 'Z1', 'Y2'],
  )
}

function streamOf(draws: Draws, reader: SlcanStreamInput['reader']): Uint8Array {
  const lines = Array.from({ length: 1 + draws.below(8) }, () => soundLine(draws, reader))
  const sound = lines.map((line) => `${line}\r`).join('')
  const kind = draws.below(10)
  if (kind < 3) return Buffer.from(sound, 'latin1')
  if (kind < 8) return Buffer.from(draws.mutate(sound, ALPHABET), 'latin1')
  return draws.bytes(draws.below(draws.chance(0.1) ? 4 * MAX_SLCAN_LINE : 40))
}

function cutUp(draws: Draws, stream: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < stream.length;) {
    const length = 1 + draws.below(draws.chance(0.5) ? 4 : 64)
    chunks.push(stream.subarray(at, at + length))
    at += length
  }
  return chunks
}

/** A line whose bytes are handed over at once, and which keeps what is written to it. */
class HeldLine extends Duplex {
  written = ''
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written += chunk.toString('latin1')
    done()
  }
  hear(bytes: Uint8Array): void {
    this.emit('data', bytes)
  }
}

/** A frame that was read must be one that a bus could have carried. */
function requireSound(frame: CanFrame): void {
  requireSendable(frame)
  encodeSlcanFrame(frame)
}

/** @returns the first line that was refused */
function readAsHost(chunks: readonly Uint8Array[]): InvalidSlcanLine | undefined {
  const line = new HeldLine()
  let last: CanFrame | undefined
  let refused: InvalidSlcanLine | undefined
  new SlcanDialogue(line).listen({
    frame({ frame }) {
      requireSound(frame)
      last = frame
    },
    garbage: (garbage) => void (refused ??= garbage),
    reading: () => undefined,
    gone: () => undefined,
  })
  for (const chunk of chunks) line.hear(chunk)
  line.hear(Buffer.from(`\r${SENTINEL_LINE}\r`, 'latin1'))
  if (!last || encodeSlcanFrame(last) !== SENTINEL_LINE) throw new Error('the host missed a sound frame')
  return refused
}

const FEATURES = { fd: true, remote: true, rawDlc: false } as CanBus['features']
const never = () => () => undefined

function readAsAdapter(chunks: readonly Uint8Array[]): InvalidSlcanLine | undefined {
  const line = new HeldLine()
  let last: CanFrame | undefined
  let refused: InvalidSlcanLine | undefined
  const bus: CanBus = {
    features: FEATURES,
    lost: { frames: 0, exact: true },
    async send(frame) {
      requireSound(frame)
      last = frame
    },
    onFrame: never,
    onErrorFrame: never,
    onLoss: never,
    onFault: never,
    close: async () => undefined,
  }
  serveSlcan(line, bus, { sendQueue: Infinity, onGarbage: (garbage) => void (refused ??= garbage) })
  line.hear(Buffer.from('S6\rY2\rO\r', 'latin1'))
  for (const chunk of chunks) line.hear(chunk)
  // Whatever the stream has left it in, it can be opened again.
  line.hear(Buffer.from(`\rC\rS6\rY2\rO\r${SENTINEL_LINE}\r`, 'latin1'))
  if (!last || encodeSlcanFrame(last) !== SENTINEL_LINE) throw new Error('the adapter missed a sound frame')
  return refused
}

/** SLCAN streams as hosts and adapters read them: sound, mutated, and noise, in chunks of any length. */
export const slcanFuzz: FuzzTarget<SlcanStreamInput> = {
  name: 'slcan',
  make(draws) {
    const reader = draws.pick(['host', 'adapter'] as const)
    return { reader, chunks: cutUp(draws, streamOf(draws, reader)) }
  },
  take({ reader, chunks }) {
    const refused = reader === 'host' ? readAsHost(chunks) : readAsAdapter(chunks)
    if (refused) throw refused
  },
  rejections: [InvalidSlcanLine],
  show: ({ reader, chunks }) => `${reader}: ${chunks.map(printable).join(' | ')}`,
}
