import { AVRUSART, usart0Config, type CPU } from 'avr8js'

const U2X = 0x02
const RXC = 0x80
const TXC = 0x40
const READ_ONLY_FLAGS = 0xbc // RXC, UDRE, FE, DOR, UPE (ATmega328P datasheet 24.12.2)
const RXEN = 0x10
const RXCIE = 0x80

/** Cycles after which a byte that the firmware has not yet fetched is tried again. */
const RETRY_CYCLES = 160

/**
 * The AVR's USART0 with bytes in and out. avr8js 0.21 loses bytes in full duplex: its UCSRB write hook cancels a
 * pending receive interrupt although the receiver stays on, and its UCSRA hook wipes the read-only flags. Both hooks
 * are wrapped here; the chip does neither.
 */
export class Usart {
  readonly #cpu: CPU
  readonly #usart: AVRUSART
  readonly #waiting: number[] = []
  #feeding = false

  /** @param onByte a byte whose last bit has left the TX pin */
  constructor(cpu: CPU, cyclesPerSecond: number, onByte: (byte: number) => void) {
    this.#cpu = cpu
    this.#usart = new AVRUSART(cpu, usart0Config, cyclesPerSecond)
    this.#usart.onByteTransmit = (byte) => {
      cpu.addClockEvent(() => onByte(byte), cyclesPerByte(cpu))
    }
    this.#usart.onRxComplete = () => this.#feed()
    keepFlags(cpu)
  }

  /** Bytes that arrive at the RX pin, back to back. */
  receive(bytes: Uint8Array): void {
    this.#waiting.push(...bytes)
    if (!this.#feeding) this.#feed()
  }

  #feed = (): void => {
    this.#feeding = this.#waiting.length > 0
    if (!this.#feeding) return
    const { data } = this.#cpu
    const unread = ((data[usart0Config.UCSRA] ?? 0) & RXC) !== 0
    if (unread || this.#usart.rxBusy) {
      this.#cpu.addClockEvent(this.#feed, RETRY_CYCLES)
      return
    }
    const byte = this.#waiting.shift() ?? 0
    // With the receiver off the byte passes by unheard, as it does on the wire.
    if (!this.#usart.writeByte(byte)) this.#cpu.addClockEvent(this.#feed, cyclesPerByte(this.#cpu))
  }
}

/** Ten bit times (8N1) at the baud rate that the firmware has set. */
function cyclesPerByte({ data }: CPU): number {
  const divider = ((data[usart0Config.UBRRH] ?? 0) << 8) | (data[usart0Config.UBRRL] ?? 0)
  return 10 * (divider + 1) * ((data[usart0Config.UCSRA] ?? 0) & U2X ? 8 : 16)
}

function keepFlags(cpu: CPU): void {
  const { UCSRA, UCSRB } = usart0Config
  const writeA = cpu.writeHooks[UCSRA]
  const writeB = cpu.writeHooks[UCSRB]
  if (!writeA || !writeB) throw new Error('avr8js has no USART write hooks any more; is it another version?')
  cpu.writeHooks[UCSRA] = (value, oldValue, address, mask) => {
    const before = cpu.data[UCSRA] ?? 0
    writeA(value, oldValue, address, mask)
    const kept = (before & READ_ONLY_FLAGS) | (before & TXC & ~value)
    cpu.data[UCSRA] = (cpu.data[UCSRA] ?? 0) | kept
    return true
  }
  cpu.writeHooks[UCSRB] = (value, oldValue, address, mask) => {
    const received = (cpu.data[UCSRA] ?? 0) & RXC
    writeB(value, oldValue, address, mask)
    if (!received || !(value & RXEN)) return true
    cpu.data[UCSRA] = (cpu.data[UCSRA] ?? 0) | RXC
    if (value & RXCIE) {
      cpu.queueInterrupt({
        address: usart0Config.rxCompleteInterrupt,
        flagRegister: UCSRA,
        flagMask: RXC,
        enableRegister: UCSRB,
        enableMask: RXCIE,
        constant: true,
      })
    }
    return true
  }
}
