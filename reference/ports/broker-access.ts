/** How a party reaches the MQTT broker: one credential per device or service. */
export interface BrokerAccess {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  readonly username: string
  readonly password: string
  /** PEM of the authority that signed the broker's certificate. */
  readonly ca?: string
  /** The name in the broker's certificate, where it is not reached under it. */
  readonly serverName?: string
}
