/**
 * As much of johnny-five 2.1 and firmata-io 2.3 as the driver uses. Written here because the published types lag
 * behind (they lack `sigint` and `timeout`), and so that nothing else comes into use by accident.
 */
declare module 'firmata-io' {
  import type { EventEmitter } from 'node:events'

  export interface FirmataTransport extends EventEmitter {
    write(bytes: Buffer, written: () => void): void
  }

  export class Firmata extends EventEmitter {
    constructor(
      transport: FirmataTransport,
      options: { readonly samplingInterval: number; readonly reportVersionTimeout: number },
    )
    readonly MODES: { readonly INPUT: number; readonly OUTPUT: number; readonly PULLUP: number }
    readonly isReady: boolean
    readonly firmware: {
      readonly name?: string
      readonly version?: { readonly major: number; readonly minor: number }
    }
    readonly reportVersionTimeoutId: NodeJS.Timeout
  }

  const bindTransport: { readonly Firmata: typeof Firmata }
  export default bindTransport
}

declare module 'johnny-five' {
  import type { EventEmitter } from 'node:events'
  import type { Firmata } from 'firmata-io'

  class Board extends EventEmitter {
    constructor(options: {
      readonly io: Firmata
      readonly repl: false
      readonly debug: false
      readonly sigint: false
      /** Milliseconds to get ready in. */
      readonly timeout: number
    })
    readonly timer: NodeJS.Timeout | null
    pinMode(pin: number, mode: number): this
    digitalWrite(pin: number, value: 0 | 1): this
    digitalRead(pin: number, listener: (value: 0 | 1) => void): this
    analogRead(channel: number, listener: (value: number) => void): this
    servoConfig(pin: number, minPulseUs: number, maxPulseUs: number): this
    servoWrite(pin: number, degrees: number): this
  }

  class Relay {
    constructor(options: { readonly board: Board; readonly pin: number; readonly type: 'NO' | 'NC' })
    close(): this
    open(): this
  }

  const five: { readonly Board: typeof Board; readonly Relay: typeof Relay }
  export type { Board, Relay }
  export default five
}
