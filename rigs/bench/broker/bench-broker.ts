import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import type { Publication } from '../wires/broker-wire.js'

/** The broker of a run, whichever it is. */
export interface BenchBroker {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  /** PEM of the authority that signed its certificate. */
  readonly ca?: string
  /** What it is, for the attestation. */
  readonly kind: string
  /** Hears every message that a client has written. @returns unsubscribe */
  onPublish(listener: (message: Publication) => void): () => void
  close(): Promise<void>
}

/** How a party of the run reaches the broker. */
export function accessTo({ url, ca }: BenchBroker, username: string, password: string): BrokerAccess {
  return { url, username, password, ...(ca !== undefined && { ca }) }
}
