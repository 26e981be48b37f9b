import type { Duplex } from 'node:stream'
import type { CanOpenOptions } from '../../../reference/ports/can-bus.js'
import { openChannel } from './open-channel.js'
import { SlcanDialogue } from './slcan-dialogue.js'
import { SlcanNode } from './slcan-node.js'
import type { SlcanBus, SlcanPatience, SlcanSettings } from './slcan-bus.js'

const PATIENCE: Required<SlcanPatience> = { answerMs: 1_000, refusalMs: 2_000, statusMs: 1_000 }

/**
 * A node on the bus behind an SLCAN adapter. Each frame waits for the adapter's word that it was taken, so frames keep
 * their order when the adapter refuses one for lack of room.
 * @param line bytes to the adapter and back; the node destroys it when it closes, or cannot be opened
 * @throws CanBusUnavailable
 */
export async function openSlcanOn(
  line: Duplex,
  settings: SlcanSettings,
  options: CanOpenOptions = {},
  patience: SlcanPatience = {},
): Promise<SlcanBus> {
  const dialogue = new SlcanDialogue(line)
  try {
    const full = { ...PATIENCE, ...patience }
    const traits = await openChannel(dialogue, settings, full.answerMs)
    return new SlcanNode(dialogue, settings, traits, options, full)
  } catch (error) {
    await dialogue.end()
    throw error
  }
}
