import { channel } from 'node:diagnostics_channel'

/** A message on a wire, told to whoever follows the run live. It is shown on a terminal: no secrets in the summary. */
export interface PartySpeaks {
  readonly from: string
  readonly to: string
  readonly wire: string
  readonly summary: string
}

/** Name of the in-process channel, for publishers that do not import this module. */
export const WIRE_CHANNEL = 'lockstep:wire'

const wires = channel(WIRE_CHANNEL)

/** Tells followers, if there are any; costs nothing otherwise. */
export function partySpeaks(message: PartySpeaks): void {
  if (wires.hasSubscribers) wires.publish(message)
}

/** @returns unsubscribe */
export function onPartySpeaks(listener: (message: PartySpeaks) => void): () => void {
  const subscriber = (message: unknown) => listener(message as PartySpeaks)
  wires.subscribe(subscriber)
  return () => wires.unsubscribe(subscriber)
}
