/** What one device or service may do. Topic filters as in MQTT 3.1.1, 4.7. */
export interface BrokerCredential {
  readonly username: string
  readonly password: string
  /** Topics it may write, its last will included. */
  readonly publish: readonly string[]
  /** Topics it may read. */
  readonly subscribe: readonly string[]
}

/** One whose password is being replaced: the old and the new one are good. */
export interface RotatedCredential extends Omit<BrokerCredential, 'password'> {
  readonly password: readonly string[]
}

/** What a client was not allowed to do; `?` where its name is not known to be true. */
export interface BrokerRefusal {
  readonly username: string
  readonly what: 'connect' | 'publish' | 'subscribe' | 'packet' | 'delivery'
  readonly reason:
    | 'credential-wrong'
    | 'client-id-of-another'
    | 'too-many-client-ids'
    | 'topic-not-allowed'
    | 'packet-too-long'
    | 'queue-full'
    | 'reads-too-slowly'
  /** Of a publication or a subscription. */
  readonly topic?: string
}
