import type { Symbology } from '../domain/unlock-code.js'
import type { Frame } from './camera.js'

export interface Decode {
  /**
   * The payload as text: control characters and GS1's separators are themselves, never a readable rendering. Bytes
   * without a declared character set are read as UTF-8, else as GB 18030, else as ISO 8859-1.
   */
  readonly text: string
  readonly symbology: Symbology
  /** Corners of the symbol in the frame, pixels, as far as the decoder knows them. */
  readonly corners: readonly { readonly x: number; readonly y: number }[]
  /** Name of the decoder that read it. */
  readonly by: string
}

export interface Decoder {
  /** Every code that can be read in the frame, each once; empty when none can. */
  decode(frame: Frame): Promise<readonly Decode[]>
  close(): Promise<void>
}
