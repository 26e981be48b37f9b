/** What the firmware judges the actuator by; `npm run firmware` writes it into the firmware. protocol.md explains it. */
export const protectionLimits = {
  /** Longest silence of the host while the actuator is energised: with the line and the relay, power is off within 500. */
  heartbeatMs: 450,
  /** Between the current of a moving bolt (0.5 A) and that of a stall (2.5 A). */
  overCurrentAmps: 1.5,
  overCurrentMs: 40,
  /** A motor that starts draws as much as one that stalls; together with `overCurrentMs` below 100 ms. */
  inrushMs: 50,
  bothLimitsMs: 20,
  /** A lock that forgets to release; longer than a controller needs to see the limit. */
  endOfTravelMs: 250,
  /** Twice what a limit switch bounces. */
  limitDebounceMs: 5,
} as const
