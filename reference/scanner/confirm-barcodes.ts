import type { Decode, Decoder } from '../ports/decoder.js'
import { isSamePlace } from './decode-place.js'

/** Two looks further apart than this are two presentations, milliseconds of the frames' capture times. */
const AGREE_WITHIN_MS = 2_000

/**
 * A barcode counts when two looks in a row at its place agree on it. A Code 128 has one check character of 103 values, so
 * that a blurred one passes with a wrong text now and then; a QR code corrects errors (Reed-Solomon, ISO/IEC 18004) and
 * counts at once. The same frame looked at twice does not count.
 */
export function confirmBarcodes(decoder: Decoder): Decoder {
  let seen: { readonly decode: Decode; readonly capturedAt: number }[] = []
  return {
    decode: async ({ capturedAt, ...frame }): Promise<readonly Decode[]> => {
      const decodes = await decoder.decode({ ...frame, capturedAt })
      const barcodes = decodes.filter(({ symbology }) => symbology !== 'qr')
      const before = seen.filter((one) => capturedAt - one.capturedAt <= AGREE_WITHIN_MS)
      seen = [
        ...before.filter(({ decode }) => !barcodes.some((barcode) => isSamePlace(barcode, decode))),
        ...barcodes.map((decode) => ({ decode, capturedAt })),
      ]
      const agreesWith = (decode: Decode) =>
        before.some((one) => one.decode.text === decode.text && one.capturedAt < capturedAt)
      return decodes.filter((decode) => decode.symbology === 'qr' || agreesWith(decode))
    },
    close: () => decoder.close(),
  }
}
