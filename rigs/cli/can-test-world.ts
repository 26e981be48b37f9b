import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { CanFrameNotCarried, type CanFrame, type CanOpenOptions } from '../../reference/ports/can-bus.js'
import { createMemoryCan } from '../simulated/memory-can/memory-can.js'
import type { CanIo } from './can-io.js'

/** A DBC file of the tests' own, which no change of a contract touches. */
const TRIP_DBC = `VERSION ""

BU_: SENDER RECEIVER

BO_ 1057 Trip: 8 SENDER
 SG_ Distance : 0|16@1+ (1,0) [0|65535] "m" RECEIVER
 SG_ Price : 16|16@1+ (1,0) [0|65535] "fen/h" RECEIVER
 SG_ Sequence : 32|8@1+ (1,0) [1|255] "" RECEIVER
 SG_ State : 40|4@1+ (1,0) [0|15] "" RECEIVER
 SG_ Counter : 44|4@1+ (1,0) [0|15] "" RECEIVER

BO_ 1072 Answer: 1 RECEIVER
 SG_ Result : 0|4@1+ (1,0) [0|2] "" SENDER

VAL_ 1057 State 0 "planned" 1 "reached" ;
`

/** A folder of its own for the tests of a file. */
export function testFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'can-commands-'))
  after(() => rmSync(folder, { recursive: true }))
  return {
    path: (name = '') => join(folder, name),
    tripDbc(): string {
      const path = join(folder, 'trip.dbc')
      writeFileSync(path, TRIP_DBC)
      return path
    },
    file(name: string, ...lines: string[]): string {
      const path = join(folder, name)
      writeFileSync(
        path,
        lines
          .map(
            (line) => `${line}
`,
          )
          .join(''),
      )
      return path
    },
  }
}

/** A world of one memory bus, whose outputs are kept. */
export function world(input = '') {
  const can = createMemoryCan({ bitrate: 1_000_000 })
  // Acknowledges what is sent when the command has left, or has not come yet.
  can.join('witness')
  const stop = new AbortController()
  const out: string[] = []
  const told: string[] = []
  let subscribed: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (subscribed = resolve))
  const io: CanIo = {
    out: (text) => out.push(text),
    tell: (line) => told.push(line),
    stop: stop.signal,
    input: (async function* () {
      yield input
    })(),
    async openBus(_url: string, options?: CanOpenOptions) {
      const node = can.join('command', options)
      // Its caller subscribes in the turn in which it gets the node.
      setImmediate(() => subscribed())
      // A classic bus, whatever the memory bus can do.
      const send = async (frame: CanFrame) => {
        if (frame.fd) throw new CanFrameNotCarried('no CAN FD here')
        return node.send(frame)
      }
      return {
        ...node,
        send,
        get lost() {
          return node.lost
        },
      }
    },
  }
  return {
    io,
    can,
    stop,
    told,
    output: () => out.join(''),
    lines: () => out.join('').trimEnd().split('\n'),
    opened,
  }
}

export const classic = (id: number, ...bytes: number[]): CanFrame => ({
  id,
  extended: id > 0x7ff,
  data: Uint8Array.from(bytes),
})
