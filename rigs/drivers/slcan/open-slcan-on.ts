import type { Duplex } from 'node:stream'
import type { InvalidSlcanLine } from '../../../reference/can/slcan-line.js'
import type { CanBus, CanOpenOptions } from '../../../reference/ports/can-bus.js'
import { openChannel } from './open-channel.js'
import { SlcanDialogue } from './slcan-dialogue.js'
import { SlcanNode } from './slcan-node.js'

export interface SlcanSettings {
  /** Names the bus in errors. */
  readonly url: string
  /** Bits a second of the bus: one of S0…S8. */
  readonly bitrate: number
  /** Bits a second of FD frames' data phase, for firmware that has them: then the node carries FD frames. */
  readonly dataBitrate?: number
  /** Sends nothing, not even an acknowledge. */
  readonly listenOnly: boolean
}

/** How long things may take, milliseconds of wall time. */
export interface SlcanPatience {
  /** An answer of the adapter; 1,000 unless told. */
  readonly answerMs?: number
  /** An adapter may refuse frames, e.g. because nobody on the bus acknowledges them; 2,000 unless told. */
  readonly refusalMs?: number
  /** Between two readings of the status flags; 1,000 unless told. */
  readonly statusMs?: number
}

export interface SlcanBus extends CanBus {
  /** Lines that were no SLCAN: how many, and the last. */
  readonly garbage: { readonly lines: number; readonly last?: InvalidSlcanLine }
}

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
