import { connectAsync, type MqttClient } from 'mqtt'
import { messageCheck } from '../../../reference/contracts/contract.js'
import {
  lockTopics,
  type LockCommand,
  type LockEventBody,
  type LockStatus,
} from '../../../reference/contracts/lock-link.js'
import { Inbox } from '../inbox.js'

type CommandResult = Extract<LockEventBody, { type: 'command-result' }>

const checkCommand = messageCheck<LockCommand>('lock-link.asyncapi', 'Command')

/** A lock's end of the link that says what a test tells it to say. */
export class ScriptedLock {
  readonly commands: Inbox<LockCommand>
  #said = 0

  private constructor(
    readonly lockId: string,
    private readonly client: MqttClient,
    private readonly now: () => number,
  ) {
    this.commands = new Inbox(`lock ${lockId}`)
    client.on('message', (_topic, payload) => {
      this.commands.push(checkCommand(JSON.parse(payload.toString())))
    })
    client.on('error', () => undefined)
  }

  static async connect(
    brokerUrl: string,
    lockId: string,
    password: string,
    now: () => number,
  ): Promise<ScriptedLock> {
    const gone: LockStatus = { online: false, bolt: 'unknown', bootCount: 1 }
    const client = await connectAsync(brokerUrl, {
      username: lockId,
      password,
      reconnectPeriod: 0,
      will: {
        topic: lockTopics.status(lockId),
        payload: Buffer.from(JSON.stringify(gone)),
        qos: 1,
        retain: true,
      },
    })
    const lock = new ScriptedLock(lockId, client, now)
    await client.subscribeAsync(lockTopics.commands(lockId), { qos: 1 })
    return lock
  }

  command<T extends LockCommand['type']>(type: T): Promise<LockCommand & { readonly type: T }> {
    return this.commands.next((command) => command.type === type)
  }

  async report(status: Partial<LockStatus> = {}): Promise<void> {
    const whole = { online: true, bolt: 'up', bootCount: 1, ...status }
    await this.#publish(lockTopics.status(this.lockId), whole, true)
  }

  /** @returns the event's id */
  async say(event: LockEventBody, id = `${this.lockId}-${process.pid}-${++this.#said}`): Promise<string> {
    const at = new Date(this.now()).toISOString()
    await this.#publish(lockTopics.events(this.lockId), { id, at, ...event }, false)
    return id
  }

  /** Anything at all, contract or not. */
  async babble(payload: string): Promise<void> {
    await this.client.publishAsync(lockTopics.events(this.lockId), payload, { qos: 1 })
  }

  async close(): Promise<void> {
    await this.client.endAsync(true)
  }

  async #publish(topic: string, message: object, retain: boolean): Promise<void> {
    await this.client.publishAsync(topic, JSON.stringify(message), { qos: 1, retain })
  }
}

/** A lock's answer to a command: done, with the bolt up. */
export function resultOf(commandId: string, changes: Partial<CommandResult> = {}): CommandResult {
  return {
    type: 'command-result',
    commandId,
    outcome: 'done',
    bolt: 'up',
    moves: 0,
    reservationId: null,
    ...changes,
  }
}
