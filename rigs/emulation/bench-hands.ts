/**
 * The hands at a bench whose board is on another machine: what a test in the guest asks for over a serial line of its
 * own, and what this machine does to the board. One JSON document a line, each answered by `done`.
 */
import type { Duplex } from 'node:stream'
import { readLines } from '../../reference/read-lines.js'
import type { Board } from '../bench/board/board-client.js'

type Wish =
  | { readonly vehicle: boolean }
  | { readonly tampered: boolean }
  | { readonly obstacle: boolean }
  | { readonly muted: boolean }
  | { readonly unplug: true }

type BoardInHand = Pick<Board, 'setVehiclePresent' | 'setTampered' | 'jamAt' | 'setSpeed' | 'spoilLine'>

/** Half way between the bolt's ends, degrees. */
const OBSTACLE_DEGREES = 70

/** This machine's end. */
export function serveHands(line: Duplex, board: BoardInHand, unplug: () => void): void {
  const reply = () => {
    if (line.writable) line.write('done\n')
  }
  readLines(line, (text) => {
    if (!text.trim()) return
    fulfil(JSON.parse(text) as Wish, board, unplug).then(reply, (error: Error) => line.destroy(error))
  })
}

async function fulfil(wish: Wish, board: BoardInHand, unplug: () => void): Promise<void> {
  if ('vehicle' in wish) await board.setVehiclePresent(wish.vehicle)
  else if ('tampered' in wish) await board.setTampered(wish.tampered)
  else if ('obstacle' in wish) await board.jamAt(wish.obstacle ? OBSTACLE_DEGREES : null)
  else if ('muted' in wish) {
    await board.setSpeed(wish.muted ? 0.1 : 1)
    await board.spoilLine('to-board', wish.muted ? { loss: 1, garbage: 0, seed: 1 } : null)
  } else unplug()
}

/** The guest's end. */
export class RemoteHands {
  readonly #line: Duplex
  readonly #waiting: (() => void)[] = []

  constructor(line: Duplex) {
    this.#line = line
    readLines(line, (text) => {
      if (text.trim() === 'done') this.#waiting.shift()?.()
    })
  }

  /** Resolves when it has been done. */
  please(wish: Wish): Promise<void> {
    const done = new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#line.write(`${JSON.stringify(wish)}\n`)
    return done
  }

  close(): void {
    this.#line.destroy()
  }
}
