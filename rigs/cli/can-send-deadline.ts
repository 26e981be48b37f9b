import { CanBusFault, type CanBus } from '../../reference/ports/can-bus.js'
import { secondsFlag } from './can-flags.js'

const DEFAULT_TIMEOUT_S = 5

export interface SendDeadline {
  /** Of the bus, for the error. */
  readonly url: string
  /** Of `--timeout`: how long sends may wait without one of them ending, seconds; 5 unless told. */
  readonly timeout?: string | undefined
  readonly stop: AbortSignal
}

/**
 * Sends that end. On a bus that tells when a frame is on the wire, a node that nobody acknowledges repeats its frame
 * for ever, as the standard wants it: a command line must tell instead.
 * @returns a bus whose sends are refused with a CanBusFault when none of them has ended for so long, and with the
 * signal's reason when the command is to end
 * @throws UsageError
 */
export function withSendDeadline(
  bus: Pick<CanBus, 'send'>,
  { url, timeout, stop }: SendDeadline,
): Pick<CanBus, 'send'> {
  const timeoutS = sendTimeoutS(timeout)
  const waiting = new Set<(error: unknown) => void>()
  let timer: NodeJS.Timeout | undefined

  const refuseAll = (error: unknown) => {
    clearTimeout(timer)
    for (const refuse of waiting) refuse(error)
    waiting.clear()
  }
  const expire = () =>
    refuseAll(
      new CanBusFault(
        `${url}: no frame could be sent for ${timeoutS} s: no other node acknowledges, or the bus is held down or ` +
          'full. Connect another node (a memory bus has those of this process only; `lockstep can serve` lends one), ' +
          'or wait longer with --timeout',
      ),
    )
  const rearm = () => {
    clearTimeout(timer)
    timer = waiting.size > 0 ? setTimeout(expire, timeoutS * 1_000) : undefined
  }
  stop.addEventListener('abort', () => refuseAll(stop.reason), { once: true })

  return {
    send: (frame) =>
      new Promise((resolve, reject) => {
        if (stop.aborted) return reject(stop.reason as Error)
        waiting.add(reject)
        if (waiting.size === 1) rearm()
        const ended = () => {
          if (waiting.delete(reject)) rearm()
        }
        bus.send(frame).then(resolve, reject).finally(ended)
      }),
  }
}

/** @returns seconds @throws UsageError */
export function sendTimeoutS(text: string | undefined): number {
  return secondsFlag('--timeout', text) ?? DEFAULT_TIMEOUT_S
}
