import type { Decode, Decoder } from '../ports/decoder.js'

/** Two looks further apart than this are two presentations, milliseconds of the frames' capture times. */
const AGREE_WITHIN_MS = 2_000

/**
 * A barcode counts when two frames agree on it. A Code 128 has one check character of 103 values, so that a blurred one
 * passes with a wrong text now and then; a QR code corrects errors (Reed-Solomon, ISO/IEC 18004) and counts at once.
 * A single agreeing frame in a row is no agreement: the same frame looked at twice does not count.
 */
export function confirmBarcodes(decoder: Decoder): Decoder {
  let seen: { readonly text: string; readonly capturedAt: number } | undefined
  return {
    decode: async (frame): Promise<Decode | undefined> => {
      const decode = await decoder.decode(frame)
      if (!decode || decode.symbology === 'qr') return decode
      const before = seen
      seen = { text: decode.text, capturedAt: frame.capturedAt }
      if (!before || before.text !== decode.text) return undefined
      const apart = frame.capturedAt - before.capturedAt
      return apart > 0 && apart <= AGREE_WITHIN_MS ? decode : undefined
    },
    close: () => decoder.close(),
  }
}
