import { afterHardwareMs, type Circuit } from '../circuit.js'
import type { InputPin } from '../../pin-map.js'

/** How long a healthy switch bounces, milliseconds (typical of a microswitch). */
const BOUNCE_MS = 3

/** A contact on an input pin. Its wire takes the level that the pin map says. */
export class Contact {
  /** How long it changes before it rests, hardware ms. */
  bounceMs = BOUNCE_MS
  #active = false
  #stuck: boolean | undefined
  #shown = false
  #callOff: (() => void)[] = []

  /** @param random where a mechanical contact bounces by; a solid-state output has none */
  constructor(
    readonly circuit: Circuit,
    readonly input: InputPin,
    private readonly random?: () => number,
  ) {
    this.#drive(false)
  }

  /** What the wire says at the end of any bounce. */
  get active(): boolean {
    return this.#shown
  }

  /** @returns whether the wire changes */
  set(active: boolean): boolean {
    this.#active = active
    return this.#show(this.#stuck ?? active)
  }

  /** Holds the contact active or inactive whatever happens to it; undefined frees it. */
  stick(active: boolean | undefined): boolean {
    this.#stuck = active
    return this.#show(active ?? this.#active)
  }

  /** Nothing is wrong with it any more. */
  mend(): void {
    this.bounceMs = BOUNCE_MS
    this.stick(undefined)
  }

  #show(active: boolean): boolean {
    if (active === this.#shown) return false
    this.#shown = active
    this.#callOff.forEach((off) => off())
    this.#drive(active)
    this.#callOff = this.#bounces().map((ms, index, all) =>
      afterHardwareMs(this.circuit, ms, () =>
        this.#drive(index === all.length - 1 || index % 2 === 1 ? active : !active),
      ),
    )
    return true
  }

  /** When it changes again before it rests, ms after the first touch: an even number of times. */
  #bounces(): number[] {
    const { random } = this
    if (!random) return []
    const pairs = 1 + Math.floor(random() * 3)
    return Array.from({ length: 2 * pairs }, () => random() * this.bounceMs).sort((a, b) => a - b)
  }

  #drive(active: boolean): void {
    const high = active === (this.input.active === 'high')
    // A contact under a pull-up is open or closed to ground; nothing drives it high.
    this.circuit.setInput(this.input.pin, high && this.input.pull === 'up' ? undefined : high)
  }
}
