/** `npm run wiring`: writes the wiring page and its picture from the pin map. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import { wiringDiagram } from './wiring-diagram.js'
import { WIRING_PAGE, WIRING_PICTURE, wiringPage } from './wiring-page.js'

writeFileSync(join(packageRoot, WIRING_PICTURE), wiringDiagram())
writeFileSync(join(packageRoot, WIRING_PAGE), wiringPage())
