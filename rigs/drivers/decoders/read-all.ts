import type { Decode } from '../../../reference/ports/decoder.js'
import { BLOCK, blocksOf } from './blocks.js'
import { cutOut } from './cut-out.js'
import { distinct } from './distinct.js'
import { findBars } from './find-bars.js'
import { findLeads } from './find-leads.js'
import { paintOver } from './paint-over.js'
import { halve } from './pixels.js'
import { readZxing } from './zxing-reader.js'
import type { Pixels } from './worker-protocol.js'

const doubled = ({ x, y }: { x: number; y: number }) => ({ x: 2 * x, y: 2 * y })

/** A barcode extends across its bars at least so far, share of the bars' own length. */
const BAR_SHARE = 0.7

/** A second code is looked for so often: each round paints over what the last has found. */
const MOST_ROUNDS = 4

/**
 * The fast path: every code that zxing reads without preparation. Half the size first, which costs a quarter, and the
 * mean of four pixels has half the noise: most codes are read there. A frame in which nothing is read then is read as it
 * is; one in which something is, only where its rest looks like a code.
 */
export async function readAll(frame: Pixels): Promise<Decode[]> {
  let found = await readZxing(halve(frame), { formats: ['QRCode'] }, doubled)
  found =
    found.length > 0
      ? found
      : await readZxing(frame, { formats: ['QRCode', 'Code128'], maxNumberOfSymbols: 1 })
  let fresh = found
  for (let round = 0; fresh.length > 0 && round < MOST_ROUNDS; round++) {
    fresh = await readRest(paintOver(frame, found))
    const known = distinct(found).length
    found = distinct([...found, ...fresh])
    if (found.length === known) break
  }
  return distinct(found)
}

/** What else is there, when the codes that are known have been painted over. */
async function readRest(rest: Pixels): Promise<Decode[]> {
  const blocks = blocksOf(rest)
  const room = 2 * BLOCK * blocks.step
  const decodes: Decode[] = []
  for (const lead of findLeads(blocks)) {
    const cut = cutOut(rest, lead, room)
    decodes.push(...(await readZxing(cut, { formats: ['QRCode'] }, cut.toFrame)))
  }
  for (const { x, y, halfAcross, halfAlong, angle } of findBars(rest, 2, blocks)) {
    // The edge of a device is as long as it is narrow.
    if (halfAcross < BAR_SHARE * halfAlong) continue
    const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))]
    const [w, h] = [halfAcross * cos + halfAlong * sin, halfAcross * sin + halfAlong * cos]
    const cut = cutOut(rest, { left: x - w, top: y - h, right: x + w, bottom: y + h }, room)
    decodes.push(...(await readZxing(cut, { formats: ['Code128'] }, cut.toFrame)))
  }
  return decodes
}
