import type { MqttClient } from 'mqtt'

/** Thrown when the connection was lost before the broker had taken a message. */
export class MqttLinkLost extends Error {
  override readonly name = 'MqttLinkLost'
  constructor() {
    super('the link to the broker is down; whether the message arrived, nobody knows')
  }
}

/**
 * Publishes at QoS 1, while there is a connection, and hands a message back when that breaks. mqtt.js itself would send
 * it once it is connected again: before what its sender has to send again first, and so out of order.
 */
export class SurePublisher {
  readonly #underWay = new Set<number>()

  constructor(private readonly client: MqttClient) {
    client.on('close', () => {
      for (const messageId of this.#underWay) client.removeOutgoingMessage(messageId)
      this.#underWay.clear()
    })
  }

  /** Resolves when the broker has taken the message. @throws MqttLinkLost */
  async publish(topic: string, payload: string, { retain = false } = {}): Promise<void> {
    if (!this.client.connected) throw new MqttLinkLost()
    const taken = this.client.publishAsync(topic, payload, { qos: 1, retain })
    const messageId = this.client.getLastMessageId()
    this.#underWay.add(messageId)
    try {
      await taken
    } catch {
      throw new MqttLinkLost()
    } finally {
      this.#underWay.delete(messageId)
    }
  }
}
