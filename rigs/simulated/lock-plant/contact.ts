import { afterHardwareMs, type Circuit } from '../circuit.js'
import type { InputPin } from '../../pin-map.js'

/** When a closing or opening contact changes again before it rests, milliseconds after the first touch. */
const BOUNCE_MS = [0.4, 0.9, 1.5, 2.6]

/** A contact on an input pin. Its wire takes the level that the pin map says. */
export class Contact {
  #active = false
  #callOff: (() => void)[] = []

  /** @param bounces false for a solid-state output */
  constructor(
    readonly circuit: Circuit,
    readonly input: InputPin,
    readonly bounces: boolean,
  ) {
    this.#drive(false)
  }

  get active(): boolean {
    return this.#active
  }

  /** @returns whether it changed */
  set(active: boolean): boolean {
    if (active === this.#active) return false
    this.#active = active
    this.#callOff.forEach((off) => off())
    this.#drive(active)
    if (this.bounces) {
      this.#callOff = BOUNCE_MS.map((ms, index) =>
        afterHardwareMs(this.circuit, ms, () => this.#drive(index % 2 === 0 ? !active : active)),
      )
    }
    return true
  }

  #drive(active: boolean): void {
    const high = active === (this.input.active === 'high')
    // A contact under a pull-up is open or closed to ground; nothing drives it high.
    this.circuit.setInput(this.input.pin, high && this.input.pull === 'up' ? undefined : high)
  }
}
