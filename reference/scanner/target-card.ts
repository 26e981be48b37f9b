import { create } from 'qrcode'

/** What the target card's codes say: no unlock code, and never mistaken for one. */
export const TARGET_CARD_TEXT = 'LOCKSTEP-TARGET-1'

const CARD_MM = { width: 190, height: 130 }
const QR_MM = 84
const QUIET_MODULES = 4
const GREYS = 8

const rect = (x: number, y: number, width: number, height: number, fill: string) =>
  `<rect x="${x.toFixed(3)}" y="${y.toFixed(3)}" width="${width.toFixed(3)}" height="${height.toFixed(3)}" fill="${fill}"/>`

/**
 * The target card as SVG, to be shown full-screen or printed at 100 % (190 × 130 mm): a QR code to be read, steps of
 * grey for exposure, and a slanted edge with lines for focus.
 */
export function targetCardSvg(): string {
  const { modules } = create(TARGET_CARD_TEXT, { version: 2, errorCorrectionLevel: 'H' })
  const module = QR_MM / (modules.size + 2 * QUIET_MODULES)
  const [left, top] = [8 + QUIET_MODULES * module, 10 + QUIET_MODULES * module]
  const parts: string[] = [rect(0, 0, CARD_MM.width, CARD_MM.height, '#fff')]
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (!modules.get(row, column)) continue
      parts.push(rect(left + column * module, top + row * module, module, module, '#000'))
    }
  }
  for (let i = 0; i < GREYS; i++) {
    const level = Math.round((255 * i) / (GREYS - 1))
    parts.push(rect(8 + i * 21.75, 104, 21.75, 18, `rgb(${level},${level},${level})`))
  }
  // A slanted edge (ISO 12233) crosses the pixel grid at every phase; lines of half a millimetre and more beside it.
  parts.push('<polygon points="104,14 144,14 138,54 98,54" fill="#000"/>')
  for (let i = 0, x = 100; i < 10; i++) {
    const width = 0.5 + i * 0.35
    parts.push(rect(x, 62, width, 30, '#000'))
    x += 2 * width + 0.4
  }
  parts.push(
    `<rect x="0.5" y="0.5" width="${CARD_MM.width - 1}" height="${CARD_MM.height - 1}" fill="none" stroke="#000"/>`,
    `<text x="150" y="24" font-family="sans-serif" font-size="4.5">Lockstep</text>`,
    `<text x="150" y="31" font-family="sans-serif" font-size="4.5">target card 1</text>`,
    `<text x="150" y="38" font-family="sans-serif" font-size="3">print at 100 %: 190 mm</text>`,
  )
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CARD_MM.width}mm" height="${CARD_MM.height}mm" ` +
    `viewBox="0 0 ${CARD_MM.width} ${CARD_MM.height}" shape-rendering="crispEdges">\n${parts.join('\n')}\n</svg>\n`
  )
}
