import type { Symbology } from '../domain/unlock-code.js'
import type { Frame } from './camera.js'

export interface Decode {
  readonly text: string
  readonly symbology: Symbology
  /** Corners of the symbol in the frame, pixels, as far as the decoder knows them. */
  readonly corners: readonly { readonly x: number; readonly y: number }[]
  /** Name of the decoder that read it. */
  readonly by: string
}

export interface Decoder {
  /** What the frame shows, or undefined when no code can be read in it. */
  decode(frame: Frame): Promise<Decode | undefined>
  close(): Promise<void>
}
