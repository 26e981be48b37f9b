/** How near a wire is to the real thing, from the least: every verdict names one. */
export const FIDELITIES = ['virtual', 'kernel', 'emulated', 'lab'] as const

export type Fidelity = (typeof FIDELITIES)[number]

export function isFidelity(value: unknown): value is Fidelity {
  return FIDELITIES.some((fidelity) => fidelity === value)
}

/** A chain is as real as its least real wire. Nothing to go by counts as `virtual`: evidence is never graded up. */
export function lowestFidelity(fidelities: Iterable<Fidelity>): Fidelity {
  const grades = [...fidelities].map((fidelity) => FIDELITIES.indexOf(fidelity))
  return grades.length === 0 ? 'virtual' : FIDELITIES[Math.min(...grades)]!
}
