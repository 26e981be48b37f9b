import { GlobalFonts } from '@napi-rs/canvas'
import { FONT_FILES } from './font-files.js'

/** Family name for canvas `font` strings: Chinese and Latin, the same on every machine since npm brings it. */
export const FONT_FAMILY = 'Lockstep Sans'

for (const file of Object.values(FONT_FILES)) {
  if (!GlobalFonts.registerFromPath(file, FONT_FAMILY)) {
    throw new Error(`the font ${file} of @expo-google-fonts/noto-sans-sc cannot be read; run npm ci`)
  }
}
