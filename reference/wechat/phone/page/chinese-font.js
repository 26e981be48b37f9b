/** How a character looks; one that no font has looks like every other that no font has. */
function look(character) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 32 })
  const context = canvas.getContext('2d')
  context.font = '24px system-ui, sans-serif'
  context.fillText(character, 2, 26)
  return canvas.toDataURL()
}

/**
 * Loads a Chinese font of 10 MB, on a device that has none of its own, such as a bare Linux machine. Texts that were
 * drawn before would keep their empty boxes, so wait for it before anything is shown.
 */
export async function ensureChineseFont() {
  if (look('关') !== look('注')) return
  document.documentElement.classList.add('no-chinese-font')
  try {
    await document.fonts.load('1em "Bundled Noto Sans SC"', '关注')
  } catch {
    // without it, all that is not Chinese can be read
  }
}
