import { RigFault } from '../../../reference/ports/faults.js'

/** A camera that cannot be opened, or gives no frames: says which, why, and how to mend it. */
export class CameraUnavailable extends RigFault {
  override readonly name = 'CameraUnavailable'
  constructor(camera: string, why: string, mend: string, options?: ErrorOptions) {
    super(`no frames from ${camera}: ${why}\n  To mend it: ${mend}`, options)
  }
}

/** Bytes that are no stream of pictures. */
export class MalformedCameraStream extends RigFault {
  override readonly name = 'MalformedCameraStream'
  constructor(what: string) {
    super(`the camera's stream is malformed: ${what}`)
  }

  /** One that a worker threw: its message is whole already. */
  static from(message: string): MalformedCameraStream {
    const error = new MalformedCameraStream('')
    error.message = message
    return error
  }
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
