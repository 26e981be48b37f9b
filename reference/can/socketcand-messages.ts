import type { CanErrorFrame, CanFrame, ReceivedCanFrame } from '../ports/can-bus.js'
import { parseErrorFrame, parseFrame, parseSend, SocketcandSyntaxError } from './socketcand-frames.js'

/**
 * Lockstep's addition to the protocol: a client that says `< lockstep 1 … >` in raw mode and is answered in kind
 * talks to Lockstep's server. socketcand itself answers `< error unknown command >`. Version 1.
 */
const HELLO = 'lockstep'
const HELLO_VERSION = 1

/** What a client of ours asks for. */
export interface SocketcandWishes {
  readonly receiveOwn: boolean
  /** Frames that the server is to keep while the client does not read. */
  readonly receiveBuffer: number
}

/** What a server of ours says that its bus carries. */
export interface SocketcandOffer {
  readonly fd: boolean
  readonly remote: boolean
  readonly errorFrames: boolean
  readonly countsLoss: boolean
}

const OFFERS = { fd: 'fd', remote: 'rtr', errorFrames: 'errors', countsLoss: 'loss' } as const

export const formatWishes = ({ receiveOwn, receiveBuffer }: SocketcandWishes) =>
  `< ${HELLO} ${HELLO_VERSION} ${receiveBuffer}${receiveOwn ? ' own' : ''} >`

export const formatOffer = (offer: SocketcandOffer) =>
  `< ${[HELLO, HELLO_VERSION, ...Object.entries(OFFERS).flatMap(([key, word]) => (offer[key as keyof SocketcandOffer] ? [word] : []))].join(' ')} >`

/**
 * Frames that the client does not get. The word is not `error`, since python-can (4.2 and later) takes every
 * `< error … >` for an error frame and fails on it; what it does not know it logs and passes over.
 */
export const formatLost = (frames: number, exact: boolean) => `< lost ${frames}${exact ? '' : ' or more'} >`

/** Brackets would end the element, and the protocol is ASCII: python-can fails on anything else. */
export const formatError = (text: string) =>
  `< error ${text
    .replaceAll('…', '..')
    .replace(/[<>\s]+/g, ' ')
    .replace(/[^ -~]/g, '?')
    .slice(0, 200)} >`

export type SocketcandMode = 'rawmode' | 'bcmmode' | 'controlmode'

/** What a client says. */
export type SocketcandCommand =
  | { readonly kind: 'open'; readonly bus: string }
  | { readonly kind: 'mode'; readonly mode: SocketcandMode }
  | { readonly kind: 'echo' }
  | { readonly kind: 'send'; readonly frame: CanFrame }
  | { readonly kind: 'statistics'; readonly intervalMs: number }
  | { readonly kind: 'wishes'; readonly wishes: SocketcandWishes }

/** What a server says. */
export type SocketcandEvent =
  | { readonly kind: 'hi' | 'ok' | 'echo' }
  | { readonly kind: 'frame'; readonly frame: ReceivedCanFrame }
  | { readonly kind: 'error-frame'; readonly frame: CanErrorFrame }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'lost'; readonly frames: number; readonly exact: boolean }
  | { readonly kind: 'offer'; readonly offer: SocketcandOffer }

const BLANKS = /\s+/
/** A day between two statistics. */
const MAX_INTERVAL_MS = 86_400_000

function readNumber(text: string | undefined, max: number): number {
  if (!text || !/^\d{1,9}$/.test(text) || Number(text) > max) {
    throw new SocketcandSyntaxError(`${JSON.stringify(text ?? '')} is not 0…${max}`)
  }
  return Number(text)
}

const unknown = (word: string): never => {
  throw new SocketcandSyntaxError(`unknown command ${word.slice(0, 40)}`)
}

/**
 * @param element what `SocketcandStream` gives
 * @throws SocketcandSyntaxError
 */
export function parseCommand(element: string): SocketcandCommand {
  const words = element.split(BLANKS)
  const [word = '', first, ...rest] = words
  switch (word) {
    case 'send':
    case 'sendrtr':
    case 'fdsend':
      return { kind: 'send', frame: parseSend(words) }
    case 'open':
      if (!first || rest.length > 0) throw new SocketcandSyntaxError('open needs the name of one bus')
      return { kind: 'open', bus: first }
    case 'rawmode':
    case 'bcmmode':
    case 'controlmode':
      return { kind: 'mode', mode: word }
    case 'echo':
      return { kind: 'echo' }
    case 'statistics':
      return { kind: 'statistics', intervalMs: readNumber(first, MAX_INTERVAL_MS) }
    case HELLO:
      if (Number(first) !== HELLO_VERSION) return unknown(`${HELLO} ${first}`)
      return {
        kind: 'wishes',
        wishes: { receiveBuffer: readNumber(rest[0], 999_999_999), receiveOwn: rest.includes('own') },
      }
    default:
      return unknown(word)
  }
}

/**
 * @param element what `SocketcandStream` gives
 * @throws SocketcandSyntaxError
 */
export function parseEvent(element: string): SocketcandEvent {
  const words = element.split(BLANKS)
  const [word = '', first, ...rest] = words
  switch (word) {
    case 'frame':
    case 'rtr':
    case 'fdframe':
    case 'ownframe':
    case 'ownrtr':
    case 'ownfdframe':
      return { kind: 'frame', frame: parseFrame(words) }
    case 'error': {
      const frame = parseErrorFrame(words.slice(1))
      return frame ? { kind: 'error-frame', frame } : { kind: 'error', text: words.slice(1).join(' ') }
    }
    case 'lost':
      return { kind: 'lost', frames: readNumber(first, 999_999_999), exact: rest.length === 0 }
    case 'hi':
    case 'ok':
    case 'echo':
      return { kind: word }
    case HELLO: {
      const offered = (key: keyof SocketcandOffer) => rest.includes(OFFERS[key])
      if (Number(first) !== HELLO_VERSION) return unknown(`${HELLO} ${first}`)
      return {
        kind: 'offer',
        offer: {
          fd: offered('fd'),
          remote: offered('remote'),
          errorFrames: offered('errorFrames'),
          countsLoss: offered('countsLoss'),
        },
      }
    }
    default:
      return unknown(word)
  }
}
