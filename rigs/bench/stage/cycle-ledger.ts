import type { AckResult } from '../../../reference/vehicle/parking-frames.js'
import { NotShown } from './not-shown.js'

interface CycleMark {
  readonly planSequence: number
  /** The frame's AliveCounter. */
  readonly counter: number
}

/** The frame that closes a cycle of the T-BOX's, or the head unit's answer to one. */
export type CycleFrame =
  | ({ readonly kind: 'sent' } & CycleMark)
  | ({ readonly kind: 'answer'; readonly result: AckResult } & CycleMark)

interface SentCycle extends CycleMark {
  /** Counts the cycles of the ledger. */
  readonly index: number
}

interface Observer {
  readonly answered: (cycle: SentCycle, result: AckResult) => void
  readonly problem: (what: string) => void
}

/** AliveCounter of E2E profile 1 runs from 0 to 14. */
const next = (counter: number) => (counter + 1) % 15

/**
 * Keeps the cycles of a bus and their answers, from the first one on. The head unit answers every cycle, in their
 * order: so the n-th answer is the n-th cycle's, however late it comes, and an answer that is missing leaves a cycle
 * open for ever. The counters tell whether each side's frames are all here.
 */
export class CycleLedger {
  #open: SentCycle[] = []
  #cycles = 0
  #lastSent: number | undefined
  #lastAnswer: number | undefined
  /** Whether an answer may be one too many: that to a cycle that was forgotten, but had reached the head unit. */
  #forgetful = false
  readonly #observers = new Set<Observer>()

  see(frame: CycleFrame): void {
    if (frame.kind === 'sent') this.#sent(frame)
    else this.#answer(frame)
  }

  /**
   * Cycles that are open are not waited for any more: a fault has kept them from the head unit. The answer to one that
   * had reached it may still come, and counts for the next: wait for two, so that at least one is a new cycle's.
   */
  forget(): void {
    this.#open = []
    this.#forgetful = true
  }

  /**
   * Resolves at the next answer that is heard: what was on the bus before it has been seen by then. On a bus with a
   * queue for each node, the head unit may know of a frame before this ledger does.
   * @throws NotShown
   */
  nextAnswer(deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(deadline)
        this.#observers.delete(observer)
        settle()
      }
      const observer: Observer = { problem: () => undefined, answered: () => finish(resolve) }
      const late = () => reject(new NotShown('the head unit answers no cycle'))
      const deadline = setTimeout(() => finish(late), deadlineMs)
      this.#observers.add(observer)
    })
  }

  /**
   * Resolves when so many cycles that begin from now on are answered as shown, and none is open. Frames that are
   * missing, answers to no cycle, to another plan or of another kind end it at once.
   * @throws NotShown
   */
  confirms(count: number, deadlineMs: number): Promise<void> {
    const start = this.#cycles
    let confirmed = 0
    return new Promise((resolve, reject) => {
      const finish = (problem?: string) => {
        clearTimeout(deadline)
        this.#observers.delete(observer)
        if (problem === undefined) resolve()
        else reject(new NotShown(`the head unit does not confirm every cycle: ${problem}`))
      }
      const observer: Observer = {
        problem: finish,
        answered: ({ index, counter }, result) => {
          if (index >= start) {
            if (result !== 'shown') return finish(`the one with counter ${counter} is answered as ${result}`)
            confirmed++
          }
          if (confirmed >= count && this.#open.length === 0) finish()
        },
      }
      const late = () =>
        finish(
          `${this.#cycles - start} were sent, ${confirmed} of them confirmed; ` +
            `open are the counters ${this.#open.map(({ counter }) => counter).join(', ') || 'none'}`,
        )
      const deadline = setTimeout(late, deadlineMs)
      this.#observers.add(observer)
    })
  }

  #sent({ planSequence, counter }: CycleMark): void {
    const expected = this.#lastSent === undefined ? counter : next(this.#lastSent)
    this.#lastSent = counter
    this.#open.push({ planSequence, counter, index: this.#cycles++ })
    if (counter !== expected)
      this.#problem(`a cycle with counter ${counter} comes in the place of ${expected}`)
  }

  #answer({ planSequence, counter, result }: CycleMark & { readonly result: AckResult }): void {
    const expected = this.#lastAnswer === undefined ? counter : next(this.#lastAnswer)
    this.#lastAnswer = counter
    if (counter !== expected) {
      this.#problem(`an answer with counter ${counter} comes in the place of ${expected}`)
    }
    const cycle = this.#open.shift()
    if (!cycle) {
      if (!this.#forgetful) this.#problem(`the answer with counter ${counter} belongs to no cycle`)
      return
    }
    if (planSequence !== cycle.planSequence) {
      this.#problem(`plan ${cycle.planSequence} is answered as plan ${planSequence}`)
    }
    for (const { answered } of [...this.#observers]) answered(cycle, result)
  }

  #problem(what: string): void {
    for (const { problem } of [...this.#observers]) problem(what)
  }
}
