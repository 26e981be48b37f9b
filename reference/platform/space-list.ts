import type { Space, SpaceList } from '../contracts/platform-api.js'
import type { SqlSession } from '../ports/sql-store.js'
import { changedSpaces, spacesFrom } from './spaces.js'

/**
 * Where a question goes on: the edition of the inventory, the last transition of its bays that is told, and, while a
 * list is not yet at its end, the last bay that is.
 */
const CURSOR = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})(?:\.([A-Za-z0-9_-]{1,64}))?$/

/** Most spaces of one read: longer ones would hold up all other requests for more than some 20 ms. */
const PAGE = 500

/** How many changed bays are told at once to whoever asks for no pages; beyond that a whole list is as quick. */
const MOST_CHANGES = 5_000

/** Every space, page by page, as they are read: no page holds up other requests for long. */
async function* everySpace(session: SqlSession): AsyncGenerator<readonly Space[]> {
  for (let after = ''; ;) {
    const page = await spacesFrom(session, after, PAGE)
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (page.length < PAGE || !last) return
    after = last.bayId
  }
}

/** An answer whose spaces may be too many to be held, or read, at once. */
export interface SpaceAnswer extends Omit<SpaceList, 'spaces'> {
  readonly spaces: readonly Space[] | AsyncIterable<readonly Space[]>
}

/**
 * Every space, or those that changed since a cursor of an earlier answer. Transitions are numbered in the order in
 * which they are committed, so none that is older than a cursor can come later; what changes while a list is read, page
 * after page, is told after its end, since its cursor is of its beginning.
 * @param limit most spaces of the answer; all are told, however many, if not given
 */
export async function spacesAfter(
  session: SqlSession,
  after: string | undefined,
  limit?: number,
): Promise<SpaceAnswer> {
  // Read before the spaces: what is committed in between is told twice, never left out.
  const [now] = await session.query<{ edition: string; value: number }>(
    `SELECT i.edition, s.value FROM platform_inventory i CROSS JOIN platform_sequences s WHERE s.name = 'messages'`,
  )
  if (!now) return { spaces: everySpace(session) }
  const [, edition, sequenceText, lastBay] = CURSOR.exec(after ?? '') ?? []
  const sequence = Number(sequenceText)
  const known = edition === now.edition && sequence <= now.value
  const cursor = `${now.edition}.${now.value}`
  if (limit === undefined) {
    if (!known || lastBay !== undefined) return { spaces: everySpace(session), cursor }
    const changed = await changedSpaces(session, sequence, now.value, MOST_CHANGES + 1)
    if (changed.length > MOST_CHANGES) return { spaces: everySpace(session), cursor }
    return { spaces: changed, cursor, changesOnly: true }
  }
  const most = Math.min(limit, PAGE)
  if (known && lastBay === undefined) return changesPage(session, now, sequence, most)
  const continued = known && lastBay !== undefined
  const spaces = await spacesFrom(session, continued ? lastBay : '', most)
  const begun = continued ? `${edition}.${sequence}` : cursor
  const last = spaces.length < most ? undefined : spaces.at(-1)
  return {
    spaces,
    cursor: last ? `${begun}.${last.bayId}` : begun,
    ...(last && { more: true }),
    ...(continued && { continued }),
  }
}

async function changesPage(
  session: SqlSession,
  now: { readonly edition: string; readonly value: number },
  after: number,
  most: number,
): Promise<SpaceList> {
  const changed = await changedSpaces(session, after, now.value, most + 1)
  if (changed.length <= most) {
    return { spaces: changed, cursor: `${now.edition}.${now.value}`, changesOnly: true }
  }
  // So many transitions, of as many bays at most.
  const [last] = await session.query<{ sequence: number }>(
    `SELECT sequence FROM platform_history WHERE sequence > ? ORDER BY sequence LIMIT 1 OFFSET ${most - 1}`,
    [after],
  )
  const upTo = last?.sequence ?? now.value
  const spaces = await changedSpaces(session, after, upTo, most)
  return { spaces, cursor: `${now.edition}.${upTo}`, changesOnly: true, more: true }
}
