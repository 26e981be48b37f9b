import type { ReceivedCanFrame } from '../../../reference/ports/can-bus.js'

/** What a client in controlmode may ask for: `< stat rbytes rpackets tbytes tpackets >`, since the bus was opened. */
export class BusStatistics {
  readonly #counts = { receivedBytes: 0, received: 0, sentBytes: 0, sent: 0 }
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly tell: (text: string) => void) {}

  count({ data, own }: ReceivedCanFrame): void {
    const counts = this.#counts
    if (own) {
      counts.sent++
      counts.sentBytes += data.length
    } else {
      counts.received++
      counts.receivedBytes += data.length
    }
  }

  /** @param intervalMs 0 for never */
  every(intervalMs: number): void {
    clearInterval(this.#timer)
    if (intervalMs === 0) return
    this.#timer = setInterval(() => {
      const { receivedBytes, received, sentBytes, sent } = this.#counts
      this.tell(`< stat ${receivedBytes} ${received} ${sentBytes} ${sent} >`)
    }, intervalMs).unref()
  }
}
