/** A party that runs. Each party's `start(config, deps)` resolves to one when it is ready to serve. */
export interface RunningParty {
  /** Stops it: sockets closed, timers called off, nothing left running. Safe to call twice. */
  close(): Promise<void>
}
