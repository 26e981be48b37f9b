import { toBuffer as drawBarcode } from 'bwip-js/node'
import type { Symbology } from '../domain/unlock-code.js'
import { qrPicture } from '../pictures/qr-picture.js'

/** Version 1 has no alignment pattern, and scanners lose it at a tilt; 24 digits at level H fill version 2. */
const QR_VERSION = 2
/** Pixels a module. A Code 128 of 24 digits is 167 modules wide and its quiet zones 10 each; a QR is 25 and 4 each. */
const BAR_PIXELS = 4
const QR_PIXELS = 20

/** The picture of an unlock code as PNG, large enough to be scanned from a phone's screen. */
export async function drawCode(code: string, symbology: Symbology): Promise<Uint8Array> {
  if (symbology === 'qr') {
    return await qrPicture(code, {
      version: QR_VERSION,
      errorCorrectionLevel: 'H',
      margin: 4,
      scale: QR_PIXELS,
    })
  }
  return await drawBarcode({
    bcid: 'code128',
    text: code,
    scale: BAR_PIXELS,
    height: 24,
    paddingwidth: 10,
    paddingheight: 10,
    backgroundcolor: 'FFFFFF',
  })
}
