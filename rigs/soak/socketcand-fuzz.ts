import { formatFrame, formatSend, SocketcandSyntaxError } from '../../reference/can/socketcand-frames.js'
import { parseCommand, parseEvent } from '../../reference/can/socketcand-messages.js'
import { SocketcandStream } from '../../reference/can/socketcand-stream.js'
import type { CanFrame } from '../../reference/ports/can-bus.js'
import type { Draws } from './draws.js'
import type { FuzzTarget } from './fuzz.js'

/** Pieces of a stream, as they come off the network. */
export interface SocketcandFuzzInput {
  readonly text: string
  readonly pieces: number
}

const ALPHABET = '<> 0123456789abcdefXZ.-\n\0'
const WORDS = [
  '< hi >',
  '< ok >',
  '< echo >',
  '< open can0 >',
  '< rawmode >',
  '< lost 5 >',
  '< error 044 1.000000 >',
]
const MOST_HELD = 512

function soundFrame(draws: Draws): CanFrame {
  const extended = draws.chance(0.5)
  const id = draws.below(extended ? 2 ** 29 : 2 ** 11)
  if (draws.chance(0.2)) {
    return { id, extended, data: new Uint8Array(0), remote: true, remoteLength: draws.below(9) }
  }
  const fd = draws.chance(0.3)
  return { id, extended, data: draws.bytes(fd ? draws.pick([0, 8, 12, 64]) : draws.below(9)), fd }
}

const element = (draws: Draws): string =>
  draws.pick([
    () => draws.pick(WORDS),
    () => formatSend(soundFrame(draws)),
    () => formatFrame({ ...soundFrame(draws), timestampUs: draws.below(2 ** 50) }),
  ])()

/** Streams of either direction: whatever they hold, each element is read or refused by name, and little is kept. */
export const socketcandFuzz: FuzzTarget<SocketcandFuzzInput> = {
  name: 'socketcand streams',
  make(draws) {
    const sound = Array.from({ length: 1 + draws.below(4) }, () => element(draws)).join('')
    const text = draws.pick([
      () => sound,
      () => draws.mutate(sound, ALPHABET),
      () => Buffer.from(draws.bytes(draws.below(400))).toString('latin1'),
      () => `<${'x'.repeat(draws.below(2_000))}${sound}`,
    ])()
    return { text, pieces: 1 + draws.below(5) }
  },
  take({ text, pieces }) {
    const stream = new SocketcandStream()
    const size = Math.ceil(text.length / pieces) || 1
    const elements: string[] = []
    for (let at = 0; at < text.length; at += size) {
      elements.push(...stream.push(Buffer.from(text.slice(at, at + size), 'latin1')))
    }
    const whole = new SocketcandStream().push(Buffer.from(text, 'latin1'))
    if (JSON.stringify(whole) !== JSON.stringify(elements)) throw new Error('the cut changes what is found')
    if (elements.some(({ length }) => length > MOST_HELD)) throw new Error('an element is too long')
    for (const one of elements) {
      // Each end reads its own words: one of the two must know the element, else both refuse it by name.
      try {
        parseCommand(one)
      } catch (error) {
        if (!(error instanceof SocketcandSyntaxError)) throw error
        parseEvent(one)
      }
    }
  },
  rejections: [SocketcandSyntaxError],
  show: ({ text, pieces }) => `${JSON.stringify(text)} in ${pieces} pieces`,
}
