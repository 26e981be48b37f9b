/** As much of SVG as a wiring diagram needs. Units are pixels. */

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

export const INK = '#1a2733'
const SUPPLY = '#b3261e'

export interface TextOptions {
  readonly size?: number
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly bold?: boolean
  readonly fill?: string
}

export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { size = 13, anchor = 'start', bold = false, fill = INK } = options
  const weight = bold ? ' font-weight="bold"' : ''
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${weight}>${escape(content)}</text>`
}

export function box(x: number, y: number, width: number, height: number, fill = '#ffffff'): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="5" fill="${fill}" stroke="${INK}" stroke-width="1.5"/>`
}

/** A wire through points; red ones carry supply. */
export function wire(points: readonly (readonly [number, number])[], supply = false): string {
  const path = points.map(([x, y]) => `${x},${y}`).join(' ')
  return `<polyline points="${path}" fill="none" stroke="${supply ? SUPPLY : INK}" stroke-width="${supply ? 2.5 : 1.5}"/>`
}

/** A node with the name of its net: everything of that name is connected. */
export function net(x: number, y: number, name: string): string {
  const width = name.length * 9 + 14
  return [
    `<rect x="${x - width / 2}" y="${y - 11}" width="${width}" height="22" rx="11" fill="#fff4d6" stroke="${SUPPLY}" stroke-width="1.2"/>`,
    text(x, y + 4.5, name, { anchor: 'middle', size: 13, bold: true, fill: SUPPLY }),
  ].join('')
}

export function document(width: number, height: number, content: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">
<rect width="${width}" height="${height}" fill="#f7f9fb"/>
${content.join('\n')}
</svg>
`
}
