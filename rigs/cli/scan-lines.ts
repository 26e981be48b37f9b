import type { Decode } from '../../reference/ports/decoder.js'
import { decodeAngle } from '../../reference/scanner/decode-angle.js'
import type { HealthChange } from '../../reference/scanner/watch-camera.js'

/** One line of `lockstep scan --json`: something was read, or the camera's health changed, or it is over. */
export type ScanEvent =
  | {
      readonly event: 'decode'
      readonly text: string
      readonly symbology: 'qr' | 'code128'
      /** Clockwise, degrees; null where the decoder does not tell. */
      readonly angle: number | null
      /** From the capture of the frame to the result, milliseconds. */
      readonly ageMs: number
      /** What the decoding took of it, milliseconds. */
      readonly decodeMs: number
      readonly by: string
    }
  | { readonly event: 'health'; readonly faults: readonly string[]; readonly reason?: string }
  | { readonly event: 'decoder-fault'; readonly error: string }
  | {
      readonly event: 'end'
      readonly looks: number
      readonly decodes: number
      /** Frames that a newer one overtook, and those that the device took and nobody got. */
      readonly droppedFrames: number
      readonly droppedBuffers: number
    }

const tenth = (value: number) => Math.round(value * 10) / 10

export function decodeEvent(decode: Decode, ageMs: number, decodeMs: number): ScanEvent {
  const { text, symbology, by } = decode
  const angle = decodeAngle(decode)
  return {
    event: 'decode',
    text,
    symbology,
    angle: angle === undefined ? null : tenth(angle),
    ageMs: tenth(ageMs),
    decodeMs: tenth(decodeMs),
    by,
  }
}

export const healthEvent = ({ faults, reason }: HealthChange): ScanEvent => ({
  event: 'health',
  faults,
  ...(reason !== undefined && { reason }),
})

/** The event for people. */
export function scanLine(event: ScanEvent): string {
  switch (event.event) {
    case 'decode': {
      const angle = event.angle === null ? 'angle unknown' : `${event.angle.toFixed(1)}°`
      const name = event.symbology === 'qr' ? 'QR code' : 'Code 128'
      return `${name}  ${JSON.stringify(event.text)}  ${angle}  age ${event.ageMs.toFixed(0)} ms  decoded in ${event.decodeMs.toFixed(1)} ms by ${event.by}`
    }
    case 'health': {
      const why = event.reason === undefined ? '' : ` (${event.reason})`
      return `camera: ${event.faults.join(', ') || 'no fault'}${why}`
    }
    case 'decoder-fault':
      return `decoder: ${event.error}`
    case 'end':
      return `${event.looks} looks, ${event.decodes} decodes, ${event.droppedFrames} frames overtaken, ${event.droppedBuffers} buffers dropped by the device`
  }
}
