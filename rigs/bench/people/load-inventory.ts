import type { InventoryItem } from '../../../reference/contracts/platform-api.js'
import { RigFault } from '../../../reference/ports/faults.js'

/** Thrown when a platform does not take bays; the batches before are in. */
export class PlatformLoadFailed extends RigFault {
  override readonly name = 'PlatformLoadFailed'
}

/** As the contract allows. */
const BAYS_A_REQUEST = 1_000
const TIMEOUT_MS = 30_000

/**
 * Hands bays to a platform, a thousand at a time; sent again, they change nothing.
 * @returns how many were new or changed
 * @throws PlatformLoadFailed
 */
export async function loadIntoPlatform(
  bays: readonly InventoryItem[],
  platformUrl: string,
  token: string,
): Promise<number> {
  let changed = 0
  for (let from = 0; from < bays.length; from += BAYS_A_REQUEST) {
    const where = `bays ${from + 1} to ${Math.min(bays.length, from + BAYS_A_REQUEST)}`
    try {
      const response = await fetch(new URL('/v1/operator/inventory', platformUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ bays: bays.slice(from, from + BAYS_A_REQUEST) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      })
      const answer = (await response.json()) as { changed?: number; error?: string; message?: string }
      if (!response.ok) throw new Error(`${answer.error ?? response.status}: ${answer.message ?? ''}`)
      changed += answer.changed ?? 0
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new PlatformLoadFailed(`the platform at ${platformUrl} did not take ${where}: ${reason}`, {
        cause,
      })
    }
  }
  return changed
}
