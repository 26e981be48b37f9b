export interface TextBox {
  /** Pixels. */
  readonly width: number
  readonly height: number
}

export interface FittedText {
  readonly lines: readonly string[]
  readonly sizePixels: number
}

const LINE_HEIGHT = 1.2
const SIZE_STEP = 4

/** Breaks a text into lines; Chinese may break after any character, so every text may here. */
function breakLines(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = []
  let line = ''
  for (const character of text) {
    if (line === '' || fits(line + character)) {
      line += character
    } else {
      lines.push(line.trimEnd())
      line = character.trimStart()
    }
  }
  return [...lines, line]
}

/**
 * The largest size at which a text fits a box, and its lines. A text that does not fit at the smallest size is cut,
 * with an ellipsis that says so.
 * @param measure width of a text at a size, pixels
 */
export function wrapText(
  text: string,
  box: TextBox,
  sizes: { readonly largest: number; readonly smallest: number },
  measure: (text: string, sizePixels: number) => number,
): FittedText {
  for (let sizePixels = sizes.largest; ; sizePixels -= SIZE_STEP) {
    const last = sizePixels - SIZE_STEP < sizes.smallest
    const lines = breakLines(text, (line) => measure(line, sizePixels) <= box.width)
    const room = Math.max(1, Math.floor(box.height / (sizePixels * LINE_HEIGHT)))
    if (lines.length <= room) return { lines, sizePixels }
    if (last) {
      const cut = lines.slice(0, room)
      cut[room - 1] = `${[...(cut[room - 1] ?? '')].slice(0, -1).join('')}…`
      return { lines: cut, sizePixels }
    }
  }
}
