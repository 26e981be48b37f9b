import { randomInt } from 'node:crypto'
import type { BayId } from '../../../reference/domain/identifiers.js'
import { createUnlockCode } from '../../../reference/domain/unlock-code.js'
import { drawQrCode } from './pictures.js'
import type { Stage } from './stage.js'

/**
 * Somebody holds codes that they made up before a lock, one straight after the other, each until the lock has told what
 * it makes of it.
 * @param lastsMs of business time, all of them together
 */
export async function showGuesses(stage: Stage, bay: BayId, times: number, lastsMs: number): Promise<void> {
  const pictures = await Promise.all(
    Array.from({ length: times }, () => drawQrCode(createUnlockCode((limit) => randomInt(limit)))),
  )
  await stage.lockAt(bay).areShown(pictures, 'phone', async () => {
    const before = stage.lockEvents('code-scanned', bay).length
    await stage.lockSays(bay, 'code-scanned', () => stage.lockEvents('code-scanned', bay).length > before)
    await stage.clock.advance(lastsMs / times)
  })
}
