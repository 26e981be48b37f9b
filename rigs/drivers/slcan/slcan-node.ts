import { performance } from 'node:perf_hooks'
import { frameName, ownFrame, requireCarried } from '../../../reference/can/can-frame-check.js'
import { CanReception } from '../../../reference/can/can-reception.js'
import { encodeSlcanFrame } from '../../../reference/can/slcan-frame.js'
import {
  CanBusClosed,
  CanBusFault,
  CanFrameNotCarried,
  CanSendQueueFull,
  DEFAULT_RECEIVE_BUFFER,
  DEFAULT_SEND_QUEUE,
  type CanFeatures,
  type CanFrame,
  type CanOpenOptions,
} from '../../../reference/ports/can-bus.js'
import type { SlcanAdapterTraits } from './open-channel.js'
import type { SlcanBus, SlcanPatience, SlcanSettings } from './slcan-bus.js'
import type { SlcanDialogue } from './slcan-dialogue.js'
import { SlcanReception } from './slcan-reception.js'

/** Between two tries of a frame that the adapter refuses: 1 ms at first, then twice as long each time. */
const LONGEST_BACKOFF_MS = 50

interface QueuedFrame {
  readonly frame: CanFrame
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

function featuresOf(traits: SlcanAdapterTraits): CanFeatures {
  const status = traits.tellsStatus ? '' : ', which does not tell what it loses'
  return {
    fd: traits.fd,
    remote: traits.remote,
    rawDlc: false,
    errorFrames: traits.tellsStatus,
    timestamps: traits.stamps ? 'adapter' : 'host',
    countsLoss: false,
    backEnd: `SLCAN adapter ${traits.name}${status}`,
  }
}

export class SlcanNode implements SlcanBus {
  readonly features: CanFeatures
  readonly onFrame: SlcanBus['onFrame']
  readonly onErrorFrame: SlcanBus['onErrorFrame']
  readonly onLoss: SlcanBus['onLoss']
  readonly onFault: SlcanBus['onFault']
  readonly #reception: CanReception
  readonly #incoming: SlcanReception
  readonly #queue: QueuedFrame[] = []
  readonly #queueLimit: number
  #refusedSinceMs: number | undefined
  #working: Promise<void> | undefined
  #wake: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(
    private readonly dialogue: SlcanDialogue,
    private readonly settings: SlcanSettings,
    private readonly traits: SlcanAdapterTraits,
    options: CanOpenOptions,
    private readonly patience: Required<SlcanPatience>,
  ) {
    this.features = featuresOf(traits)
    this.#reception = new CanReception(options)
    this.#queueLimit = options.sendQueue ?? DEFAULT_SEND_QUEUE
    const { onFrame, onErrorFrame, onLoss, onFault } = this.#reception
    this.onFrame = onFrame
    this.onErrorFrame = onErrorFrame
    this.onLoss = onLoss
    this.onFault = onFault
    this.#incoming = new SlcanReception(this.#reception, traits, {
      statusMs: patience.statusMs,
      holds: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
      due: () => this.#work(),
    })
    dialogue.listen({
      frame: (frame) => this.#incoming.frame(frame),
      garbage: (garbage) => this.#incoming.garbled(garbage),
      reading: () => this.#incoming.watch(),
      gone: (cause) => this.#fail('the line to the adapter ended: unplugged, or its driver closed it', cause),
    })
  }

  get lost() {
    return this.#reception.lost
  }

  get garbage() {
    return this.#incoming.garbage
  }

  async send(frame: CanFrame): Promise<void> {
    if (this.#closing) throw new CanBusClosed()
    if (this.#reception.fault) throw this.#reception.fault
    const own = ownFrame(frame)
    requireCarried(own, this.features)
    if (this.settings.listenOnly) {
      throw new CanFrameNotCarried(`${frameName(own)}: this adapter was opened to listen only`)
    }
    const text = `${encodeSlcanFrame(own)}\r`
    if (this.#queue.length >= this.#queueLimit) throw new CanSendQueueFull(this.#queueLimit)
    return new Promise((resolve, reject) => {
      this.#queue.push({ frame: own, text, resolve, reject })
      this.#work()
    })
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#leave())
  }

  async #leave(): Promise<void> {
    this.#incoming.end()
    this.#reception.end()
    this.#rejectAll(new CanBusClosed())
    this.#wake?.()
    await this.#working
    await this.dialogue.ask('C\r', ['done'], this.patience.answerMs)
    await this.dialogue.end()
  }

  /** One question at a time: the status when it is due, else the next frame. */
  #work(): void {
    this.#working ??= this.#workOff().finally(() => {
      this.#working = undefined
      if (this.#hasWork) this.#work()
    })
  }

  get #hasWork(): boolean {
    if (this.#closing || this.#reception.fault) return false
    return this.#incoming.statusDue || this.#queue.length > 0
  }

  async #workOff(): Promise<void> {
    while (this.#hasWork) {
      if (this.#incoming.statusDue) await this.#readStatus()
      else await this.#sendNext(this.#queue[0] as QueuedFrame)
    }
  }

  async #readStatus(): Promise<boolean> {
    this.#incoming.statusAsked()
    const reply = await this.dialogue.ask('F\r', ['status'], this.patience.answerMs)
    if (this.#closing) return false
    if (reply.kind === 'status') this.#incoming.status(reply.flags)
    else if (reply.kind === 'refused') this.#fail('the adapter has closed its channel: it has restarted')
    else this.#fail(`the adapter has said nothing for ${this.patience.answerMs} ms`)
    return reply.kind === 'status'
  }

  async #sendNext(next: QueuedFrame): Promise<void> {
    const reply = await this.dialogue.ask(next.text, ['taken', 'done'], this.patience.answerMs)
    if (this.#queue[0] !== next) return
    if (reply.kind === 'refused') return this.#tryLater()
    this.#refusedSinceMs = undefined
    if (reply.kind === 'gone') return
    this.#queue.shift()
    if (reply.kind === 'silent') return this.#unanswered(next)
    next.resolve()
    this.#incoming.own(next.frame)
  }

  /** A lost answer is no dead adapter; the status tells them apart, and puts question and answer in step again. */
  async #unanswered({ frame, reject }: QueuedFrame): Promise<void> {
    const problem = `${frameName(frame)}: the adapter did not say whether it took the frame`
    if (!this.traits.tellsStatus) this.#fail(`${problem}, nor anything else`)
    else await this.#readStatus()
    reject(this.#reception.fault ?? new CanBusFault(`${this.settings.url}: ${problem}`))
  }

  /** LAWICEL: a BEL means that the send queue is full. */
  async #tryLater(): Promise<void> {
    const nowMs = performance.now()
    this.#refusedSinceMs ??= nowMs
    const refusedMs = nowMs - this.#refusedSinceMs
    if (refusedMs >= this.patience.refusalMs) {
      this.#refusedSinceMs = undefined
      const problem = `the adapter has refused frames for ${Math.round(refusedMs)} ms: its send queue stays full`
      const mend = 'Does another node acknowledge, and has the bus this bit rate and its two terminators?'
      return this.#rejectAll(new CanBusFault(`${this.settings.url}: ${problem}. ${mend}`))
    }
    const backoffMs = Math.min(Math.max(1, refusedMs), LONGEST_BACKOFF_MS)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, backoffMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #fail(problem: string, cause?: Error): void {
    const fault = new CanBusFault(`${this.settings.url}: ${problem}`, cause && { cause })
    this.#incoming.end()
    this.#reception.fail(fault)
    this.#rejectAll(this.#reception.fault ?? fault)
    this.#wake?.()
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#queue.splice(0)) reject(error)
  }
}
