import type { Duplex } from 'node:stream'
import { decodeSlcanAnswer, type SlcanAnswer } from '../../../reference/can/slcan-answer.js'
import type { SlcanFrame } from '../../../reference/can/slcan-frame.js'
import { InvalidSlcanLine, SlcanLineReader } from '../../../reference/can/slcan-line.js'
import { answerDeadline } from './answer-deadline.js'

/** How an adapter answered: `refused` is its BEL; `silent` when nothing came in time, `gone` when the line ended. */
export type SlcanReply = SlcanAnswer | { readonly kind: 'refused' | 'silent' | 'gone' }

export interface SlcanDialogueListener {
  frame(frame: SlcanFrame): void
  garbage(garbage: InvalidSlcanLine): void
  /** The line ended by itself. */
  gone(cause: Error | undefined): void
  /** Bytes have come, and are about to be read. */
  reading(): void
}

interface Question {
  readonly wants: readonly SlcanReply['kind'][]
  readonly answer: (reply: SlcanReply) => void
}

/** Questions to an adapter, one at a time, and what comes unasked in between. */
export class SlcanDialogue {
  #listener: SlcanDialogueListener | undefined
  #question: Question | undefined
  #error: Error | undefined
  #gone = false
  #ended = false
  /** Anything at all that came. */
  heard = false

  constructor(private readonly line: Duplex) {
    const reader = new SlcanLineReader({
      line: (bytes) => this.#read(bytes),
      bell: () => this.#reply({ kind: 'refused' }),
      garbage: (garbage) => this.#listener?.garbage(garbage),
    })
    line.on('data', (bytes: Uint8Array) => {
      this.heard = true
      this.#listener?.reading()
      reader.push(bytes)
    })
    line.on('error', (error) => (this.#error ??= error))
    line.on('end', () => line.destroy())
    line.on('close', () => this.#lineClosed())
  }

  listen(listener: SlcanDialogueListener): void {
    this.#listener = listener
    if (this.#gone) listener.gone(this.#error)
  }

  /**
   * One question at a time: the caller waits for the reply.
   * @param text one or more commands with their ends
   * @param wants the kinds of answer to wait for; a refusal always is one of them, unless `patient`
   */
  ask(
    text: string,
    wants: readonly SlcanAnswer['kind'][],
    deadlineMs: number,
    { patient = false } = {},
  ): Promise<SlcanReply> {
    if (this.#gone || !this.line.writable) return Promise.resolve({ kind: 'gone' })
    return new Promise((resolve) => {
      const cancel = answerDeadline(deadlineMs, () => this.#settle({ kind: 'silent' }))
      this.#question = {
        wants: patient ? wants : [...wants, 'refused'],
        answer: (reply) => {
          cancel()
          resolve(reply)
        },
      }
      this.line.write(text, 'latin1')
    })
  }

  /** Hangs up. */
  async end(): Promise<void> {
    this.#ended = true
    if (this.#gone) return
    const closed = new Promise((resolve) => this.line.once('close', resolve))
    this.line.destroy()
    await closed
  }

  #read(bytes: Uint8Array): void {
    let answer: SlcanAnswer
    try {
      answer = decodeSlcanAnswer(bytes)
    } catch (error) {
      if (!(error instanceof InvalidSlcanLine)) throw error
      // Some firmware names itself without the V.
      const text = error.problem === 'unknown-kind' && this.#question?.wants.includes('version')
      if (text) this.#reply({ kind: 'version', text: error.line })
      else this.#listener?.garbage(error)
      return
    }
    if (answer.kind === 'frame') this.#listener?.frame(answer)
    else this.#reply(answer)
  }

  /** An answer that nobody waits for says nothing: some adapters give one too many. */
  #reply(reply: SlcanReply): void {
    if (this.#question?.wants.includes(reply.kind)) this.#settle(reply)
  }

  #settle(reply: SlcanReply): void {
    const question = this.#question
    this.#question = undefined
    question?.answer(reply)
  }

  #lineClosed(): void {
    this.#gone = true
    if (!this.#ended) this.#listener?.gone(this.#error)
    this.#settle({ kind: 'gone' })
  }
}
