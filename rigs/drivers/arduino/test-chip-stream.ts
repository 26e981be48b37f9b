import { Duplex } from 'node:stream'
import { UNO_HZ, VirtualArduino } from '../../simulated/virtual-arduino/virtual-arduino.js'

/**
 * A serial line to a virtual Uno in this process that runs any image, also one that no rig would start. Its time goes on
 * as fast as the event loop turns, a millisecond a turn.
 */
export function openChip(image: Uint8Array): Duplex {
  const sent: number[] = []
  const board = new VirtualArduino({ image, onByte: (byte) => sent.push(byte) })
  const stream = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _encoding, done) => {
      board.receive(bytes)
      done()
    },
  })
  board.powerOn()
  const turn = () => {
    if (stream.destroyed) return
    board.runUntil(board.cycle + UNO_HZ / 1000)
    if (sent.length > 0) stream.push(Buffer.from(sent.splice(0)))
    setImmediate(turn)
  }
  setImmediate(turn)
  return stream
}
