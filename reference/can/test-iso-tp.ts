import type { CanLine } from '../ports/can-bus.js'
import { VirtualClock } from '../../rigs/simulated/virtual-line/virtual-clock.js'
import { createVirtualLine, type VirtualLineOptions } from '../../rigs/simulated/virtual-line/virtual-line.js'
import type { IsoTpAddress } from './iso-tp-address.js'
import type { IsoTpError } from './iso-tp-errors.js'
import { openIsoTp, type IsoTpOptions } from './iso-tp-link.js'

export const A: IsoTpAddress = { transmitId: 0x6a0, receiveId: 0x6a8, extended: false }
export const B: IsoTpAddress = { transmitId: 0x6a8, receiveId: 0x6a0, extended: false }

export interface TestLinks {
  readonly a?: Partial<IsoTpOptions>
  readonly b?: Partial<IsoTpOptions>
  readonly addressA?: IsoTpAddress
  readonly addressB?: IsoTpAddress
  readonly line?: VirtualLineOptions
}

/** Two links on a line in virtual time, with all that they report. */
export function joinLinks({ a = {}, b = {}, addressA = A, addressB = B, line: lineOptions }: TestLinks = {}) {
  const clock = new VirtualClock()
  const line = createVirtualLine(clock, lineOptions)
  const open = (node: CanLine, address: IsoTpAddress, changes: Partial<IsoTpOptions>) => {
    const link = openIsoTp(node, address, { ...changes, clock })
    const messages: string[] = []
    const faults: IsoTpError[] = []
    link.onMessage((payload) => messages.push(hex(payload)))
    link.onFault((fault) => faults.push(fault))
    return { link, messages, faults }
  }
  const [endA, endB] = [open(line.a, addressA, a), open(line.b, addressB, b)]
  const close = () => [endA, endB].forEach(({ link }) => link.close())
  return { clock, line, a: endA, b: endB, close }
}

/** A link at end `b`, and a peer at end `a` that sends what it is told, and may break the rules. */
export function joinPeer(changes: Partial<IsoTpOptions> = {}, addressB = B) {
  const links = joinLinks({ b: changes, addressB })
  links.a.link.close()
  const id = addressB.receiveId
  const tell = (...frames: string[]) =>
    links.clock.run(
      (async () => {
        for (const bytes of frames) {
          const data = new Uint8Array(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))
          await links.line.a.send({ id, extended: addressB.extended, data, fd: data.length > 8 })
        }
      })(),
    )
  /** What the link has answered, as hex. */
  const answers = () =>
    links.line
      .lines()
      .filter((text) => text.startsWith('b '))
      .map((text) => text.slice(2))
  return { ...links, tell, answers, link: links.b.link, messages: links.b.messages, faults: links.b.faults }
}

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

export const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i & 0xff)
