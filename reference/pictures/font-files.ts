import { join } from 'node:path'
import { packageRoot } from '../package-root.js'

const FOLDER = join(packageRoot, 'node_modules', '@expo-google-fonts', 'noto-sans-sc')

/** Chinese and Latin, the same on every machine since npm brings them. */
export const FONT_FILES = {
  regular: join(FOLDER, '400Regular', 'NotoSansSC_400Regular.ttf'),
  bold: join(FOLDER, '700Bold', 'NotoSansSC_700Bold.ttf'),
} as const
