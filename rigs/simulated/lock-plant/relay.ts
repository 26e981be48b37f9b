import { afterHardwareMs, type Circuit } from '../circuit.js'

/** A relay's contact follows its coil after these times (typical of a 5 V PCB relay). */
const OPERATE_MS = 7
const RELEASE_MS = 4

/** The actuator's power relay, normally open. */
export class Relay {
  #coilClosed = false
  #held: boolean | undefined

  /** @param onChange called when the contact has changed */
  constructor(
    circuit: Circuit,
    pin: number,
    private readonly onChange: () => void,
  ) {
    let callOff = () => {}
    circuit.onEdge(pin, ({ drive }) => {
      const closes = drive === 'high'
      callOff()
      callOff = afterHardwareMs(circuit, closes ? OPERATE_MS : RELEASE_MS, () => {
        if (this.#coilClosed === closes) return
        this.#coilClosed = closes
        this.onChange()
      })
    })
  }

  get closed(): boolean {
    return this.#held ?? this.#coilClosed
  }

  /** Holds the contact closed (welded) or open (supply cut) whatever the coil does; undefined frees it. */
  hold(closed: boolean | undefined): void {
    this.#held = closed
    this.onChange()
  }
}
