import type { Clock } from '../../../reference/ports/clock.js'

interface Appointment {
  readonly epochMs: number
  readonly task: () => void
}

/** Business time that stands still until it is moved. */
export class ManualClock implements Clock {
  #now: number
  readonly #appointments = new Set<Appointment>()

  /** @param startMs milliseconds since the Unix epoch */
  constructor(startMs: number) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  at(epochMs: number, task: () => void): () => void {
    const appointment = { epochMs, task }
    this.#appointments.add(appointment)
    if (epochMs <= this.#now) queueMicrotask(() => this.#keep(appointment))
    return () => void this.#appointments.delete(appointment)
  }

  /** Moves on by `ms`, running on the way whatever falls due, in order, each at its own time. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time advances by 0 ms or more, not by ${ms}`)
    this.set(this.#now + ms)
  }

  /** Moves to a time. Forwards like `advance`; backwards runs nothing, and appointments stay where they are. */
  set(epochMs: number): void {
    for (let next = this.#next(); next && next.epochMs <= epochMs; next = this.#next()) {
      this.#now = Math.max(this.#now, next.epochMs)
      this.#keep(next)
    }
    this.#now = epochMs
  }

  /** The earliest appointment; of those at the same time the one that was made first. */
  #next(): Appointment | undefined {
    let next: Appointment | undefined
    for (const appointment of this.#appointments) {
      if (!next || appointment.epochMs < next.epochMs) next = appointment
    }
    return next
  }

  #keep(appointment: Appointment): void {
    if (this.#appointments.delete(appointment)) appointment.task()
  }
}
