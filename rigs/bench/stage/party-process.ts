import { REDACTION_KEY_VARIABLE } from '../../evidence/redaction.js'
import type { BenchParts } from '../bench-parts.js'
import { spawnParty } from '../child-process/spawn-party.js'
import { remoteClock } from '../control/remote-clock.js'
import type { ServingParty } from '../parties/on-store.js'
import type { PartyName } from '../parties/serve-schemas.js'

/**
 * Starts a party as a user would, `lockstep serve PARTY`, and has it go by the rig's time. With guests it writes no
 * evidence: theirs would have no end.
 * @param name its own among the parties of the scenario: its evidence goes by it
 */
export async function startPartyProcess(
  party: PartyName,
  name: string,
  config: object,
  storeUrl: string | undefined,
  bench: BenchParts,
): Promise<ServingParty> {
  const { clock, secrets, evidenceFolder, redactionKey } = bench
  const settings = { ...config, ...(storeUrl !== undefined && { store: { url: storeUrl } }) }
  const moved = { ...settings, clock: { control: { token: secrets.controlToken, startMs: clock.now() } } }
  const evidence = {
    LOCKSTEP_EVIDENCE: evidenceFolder,
    LOCKSTEP_PROCESS: name,
    [REDACTION_KEY_VARIABLE]: redactionKey,
  }
  const spawned = await spawnParty(
    party,
    name,
    clock.isMovable ? moved : settings,
    bench.newFolder(),
    bench.hasGuests ? {} : evidence,
  )
  if (!clock.isMovable) return { url: spawned.urls[party] ?? '', close: () => spawned.close() }
  try {
    const release = await clock.lead(remoteClock(spawned.urls['clock'] ?? '', secrets.controlToken))
    return {
      url: spawned.urls[party] ?? '',
      close: async () => {
        release()
        await spawned.close()
      },
    }
  } catch (error) {
    await spawned.close()
    throw error
  }
}
