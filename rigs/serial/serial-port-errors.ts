import { RigFault } from '../../reference/ports/faults.js'

/** Why a serial port could not be opened; each has a name of its own, since each is mended by another hand. */
export class SerialPortUnavailable extends RigFault {
  override readonly name: string = 'SerialPortUnavailable'
  constructor(what: string, mend: string, options?: ErrorOptions) {
    super(`${what}\n  To mend it: ${mend}`, options)
  }
}

/** Nothing is plugged in that fits, or there is no such file. */
export class NoSuchSerialPort extends SerialPortUnavailable {
  override readonly name = 'NoSuchSerialPort'
}

/** Another program has the port open: two readers would take each other's bytes. */
export class SerialPortInUse extends SerialPortUnavailable {
  override readonly name = 'SerialPortInUse'
}

/** This user may not open the port. */
export class SerialPortForbidden extends SerialPortUnavailable {
  override readonly name = 'SerialPortForbidden'
}

/** More than one port fits: which one is meant must be said, it is never guessed. */
export class SeveralSerialPorts extends SerialPortUnavailable {
  override readonly name = 'SeveralSerialPorts'
}

/** It is there, and free, and still cannot be opened: no serial port, or a fault of its driver. */
export class SerialPortFailed extends SerialPortUnavailable {
  override readonly name = 'SerialPortFailed'
}
