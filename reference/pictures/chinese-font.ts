import { join } from 'node:path'
import { GlobalFonts } from '@napi-rs/canvas'
import { packageRoot } from '../package-root.js'

/** Family name for canvas `font` strings: Chinese and Latin, the same on every machine since npm brings it. */
export const FONT_FAMILY = 'Lockstep Sans'

const FOLDER = join(packageRoot, 'node_modules', '@expo-google-fonts', 'noto-sans-sc')

for (const file of ['400Regular/NotoSansSC_400Regular.ttf', '700Bold/NotoSansSC_700Bold.ttf']) {
  if (!GlobalFonts.registerFromPath(join(FOLDER, file), FONT_FAMILY)) {
    throw new Error(`the font ${file} of @expo-google-fonts/noto-sans-sc cannot be read; run npm ci`)
  }
}
