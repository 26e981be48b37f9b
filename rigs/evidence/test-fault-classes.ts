import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import type { FaultClass } from '../../reference/ports/faults.js'

/** A class of errors, as the sources declare it. */
export interface DeclaredFault {
  readonly name: string
  /** Compiled module below `dist`. */
  readonly module: string
  readonly exported: boolean
  readonly faultClass: FaultClass
}

const BASES: Readonly<Record<string, FaultClass>> = {
  ProductFault: 'product',
  UsageFault: 'usage',
  RigFault: 'rig',
  SafeStateFault: 'safe-state',
}

const DECLARATION = /^(export )?(?:abstract )?class (\w+) extends (\w+)/gm
const TEST = /\.test(-\w+)?\.js$|\/fixtures\//

/** All classes below the four bases, found in the compiled modules of parties, rig and steps. */
export function declaredFaults(): DeclaredFault[] {
  const dist = join(packageRoot, 'dist')
  const modules = ['reference', 'rigs', 'step-definitions'].flatMap((room) =>
    (readdirSync(join(dist, room), { recursive: true }) as string[]).map((file) => join(room, file)),
  )
  const classes = modules
    .filter((file) => file.endsWith('.js') && !TEST.test(file))
    .flatMap((module) =>
      [...readFileSync(join(dist, module), 'utf8').matchAll(DECLARATION)].map(
        ([, exported, name = '', base = '']) => ({ name, base, module, exported: !!exported }),
      ),
    )
  const classOf = (name: string): FaultClass | undefined => {
    const base = classes.find((declared) => declared.name === name)?.base
    return BASES[name] ?? (base === undefined ? undefined : classOf(base))
  }
  return classes.flatMap(({ name, module, exported }) => {
    const faultClass = classOf(name)
    return faultClass ? [{ name, module, exported, faultClass }] : []
  })
}
