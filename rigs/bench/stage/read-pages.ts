import assert from 'node:assert/strict'
import type { Space, SpaceList } from '../../../reference/contracts/platform-api.js'
import type { PartyWires } from './party-wires.js'

export interface ListedSpaces {
  /** The bays that were listed up to the first end of the list. */
  readonly inOnePass: readonly string[]
  /** Each space as it was listed last, with what had changed by the end of the list, by bayId. */
  readonly listed: ReadonlyMap<string, Space>
}

/** More pages than any bench has spaces: a list that goes on so long has no end. */
const MOST_PAGES = 200

/**
 * Reads the platform's spaces a page at a time, as a cloud that follows its cursors does; of a platform that does not
 * page, the one answer, and another one after the change.
 * @param change made after the first page
 * @throws AssertionError when the list cannot be read to its end
 */
export async function readPages(
  wires: PartyWires,
  cloudToken: string,
  change: (first: Space) => Promise<void>,
): Promise<ListedSpaces> {
  const listed = new Map<string, Space>()
  const page = async (cursor?: string): Promise<SpaceList> => {
    const after = cursor === undefined ? '' : `&after=${encodeURIComponent(cursor)}`
    const { status, body } = await wires.askPlatform('GET', `/v1/spaces?limit=1${after}`, {
      authorization: `Bearer ${cloudToken}`,
    })
    assert.equal(status, 200, `the platform answers a page of its spaces with ${status}`)
    const list = body as SpaceList
    for (const space of list.spaces) listed.set(space.bayId, space)
    return list
  }
  const toTheEnd = async (start?: string): Promise<string | undefined> => {
    let list = await page(start)
    for (let pages = 1; list.more; pages++) {
      assert.ok(pages < MOST_PAGES, `the platform's list of spaces has no end after ${MOST_PAGES} pages`)
      list = await page(list.cursor)
    }
    return list.cursor
  }
  const { spaces, cursor, more } = await page()
  const [first] = spaces
  assert.ok(first, 'the platform lists no space')
  await change(first)
  const end = more ? await toTheEnd(cursor) : cursor
  const inOnePass = [...listed.keys()].sort()
  // What has changed since; of a platform without cursors every space anew.
  await toTheEnd(end)
  return { inOnePass, listed }
}
