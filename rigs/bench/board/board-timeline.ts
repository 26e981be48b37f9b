import type { Timeline } from '../../evidence/timeline.js'
import { lockPinMap, type PinMap } from '../../pin-map.js'
import type { PlantTrace } from '../../simulated/lock-plant/lock-plant.js'

/** A level of the plant's trace that is told when it changes, and the pin at which the firmware meets it. */
type Level = 'supplied' | 'limitUp' | 'limitDown' | 'vehiclePresent' | 'tampered'

const LEVELS: Readonly<
  Record<Level, { readonly on: string; readonly off: string; readonly pin: (pins: PinMap) => number }>
> = {
  supplied: { on: 'actuator-supplied', off: 'actuator-without-power', pin: ({ relay }) => relay.pin },
  limitUp: { on: 'bolt-up', off: 'bolt-leaves-up', pin: ({ limitUp }) => limitUp.pin },
  limitDown: { on: 'bolt-down', off: 'bolt-leaves-down', pin: ({ limitDown }) => limitDown.pin },
  tampered: { on: 'housing-opened', off: 'housing-closed', pin: ({ tamper }) => tamper.pin },
  vehiclePresent: { on: 'vehicle-arrived', off: 'vehicle-left', pin: ({ vehicle }) => vehicle.pin },
}

/**
 * Tells the timeline the edges at the board's pins, so that a WeChat message can be followed to the last of them.
 * @returns takes each record of the plant's trace, with the board's cycle
 */
export function boardTimeline(timeline: Timeline): (trace: PlantTrace, cycle: number) => void {
  let last: PlantTrace | undefined
  return (trace, cycle) => {
    for (const level of Object.keys(LEVELS) as Level[]) {
      if (!last || last[level] === trace[level]) continue
      const { on, off, pin } = LEVELS[level]
      timeline.record({
        wire: 'lock ↔ board (Firmata)',
        kind: 'edge',
        from: 'board',
        event: trace[level] ? on : off,
        body: { pin: `D${pin(lockPinMap)}`, cycle, hardwareMs: trace.hardwareMs, degrees: trace.degrees },
      })
    }
    last = trace
  }
}
