/** Two lithium-ion cells in series, with what wiring and a protection circuit drop. */

const CAPACITY_COULOMBS = 2.6 * 3600

/** Open-circuit volts of a cell at 0, 0.1 … 1 of its charge (typical of an 18650 with NMC cathode). */
const CELL_VOLTS = [3.0, 3.45, 3.57, 3.64, 3.68, 3.73, 3.8, 3.87, 3.95, 4.05, 4.2]
const CELLS = 2

const INTERNAL_OHMS = 0.18
/** A cold cell conducts worse: a part of its resistance for every degree below 25 °C (about twice it at 0 °C). */
const OHMS_PER_DEGREE = 0.04
const REFERENCE_CELSIUS = 25

/** Charge of the pack that is in at first. */
export const PACK_CHARGE = 0.8

/** The lock's battery: what it gives depends on its charge, its age, its temperature and what is drawn. */
export class Battery {
  /** 0 empty … 1 full. */
  charge = PACK_CHARGE
  /** At 25 °C; a worn pack has more. */
  internalOhms = INTERNAL_OHMS
  celsius = REFERENCE_CELSIUS
  inserted = true

  /** Volts at its terminals while so many amperes are drawn. */
  volts(amps: number): number {
    if (!this.inserted) return 0
    const cold = Math.max(0, REFERENCE_CELSIUS - this.celsius)
    const ohms = this.internalOhms * (1 + OHMS_PER_DEGREE * cold)
    return Math.max(0, CELLS * cellVolts(this.charge) - ohms * amps)
  }

  /** So much is drawn for so long. */
  drain(amps: number, ms: number): void {
    if (this.inserted) this.charge = Math.max(0, this.charge - (amps * ms) / 1000 / CAPACITY_COULOMBS)
  }

  /** Another pack takes its place. */
  swap(): void {
    this.charge = PACK_CHARGE
    this.internalOhms = INTERNAL_OHMS
  }
}

function cellVolts(charge: number): number {
  const place = Math.min(1, Math.max(0, charge)) * (CELL_VOLTS.length - 1)
  const below = Math.floor(place)
  const [low = 0, high = low] = CELL_VOLTS.slice(below, below + 2)
  return low + (high - low) * (place - below)
}
