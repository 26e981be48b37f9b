import type { TimelineEntry } from '../timeline.js'

/** The parties from the user's hand to the bolt, as the diagram's lanes. */
const PARTIES: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['phone', /^(phone|user|driver|tablet)/],
  ['WeChat', /^wechat/],
  ['cloud', /^cloud/],
  ['platform', /^(parking)?platform/],
  ['T-BOX', /^tbox/],
  ['head unit', /^headunit/],
  ['lock', /^(lock|scanner)/],
  ['board', /^(board|plant|firmware)/],
]

export interface Lane {
  readonly party: string
  readonly title: string
}

const plain = (party: string) => party.toLowerCase().replace(/[^a-z0-9]/g, '')

function rank(party: string): number {
  const index = PARTIES.findIndex(([, pattern]) => pattern.test(plain(party)))
  return index < 0 ? PARTIES.length : index
}

/** Whom an entry belongs to: who spoke, or the process that noted it. */
export function speaker(entry: TimelineEntry): string {
  return entry.from ?? entry.process
}

/** The parties that occur, in the order of the way from the phone to the bolt; strangers come last. */
export function lanesOf(entries: readonly TimelineEntry[]): Lane[] {
  const parties = new Set(
    entries.flatMap((entry) => (entry.to === undefined ? [speaker(entry)] : [speaker(entry), entry.to])),
  )
  return [...parties]
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((party) => {
      const known = PARTIES[rank(party)]
      return { party, title: known && plain(party) === plain(known[0]) ? known[0] : party }
    })
}
