import { readFileSync } from 'node:fs'
import { EFF_FLAG, ID_MASK, RTR_FLAG } from './kernel-frame.js'

/**
 * A receive filter of ours as the kernel lists it under /proc/net/can (net/can/proc.c). The identifier is drawn at
 * random, which makes the entry ours among those of all sockets.
 */
export interface ListedFilter {
  readonly list: 'rcvlist_inv' | 'rcvlist_fil'
  /** As the kernel keeps it: masked. */
  readonly id: number
  readonly mask: number
}

/** Lets in the remote frame of one 29-bit identifier: next to nothing. It is there to be found. */
export function landmark(id: number): ListedFilter {
  return {
    list: 'rcvlist_fil',
    id: (id | EFF_FLAG | RTR_FLAG) >>> 0,
    mask: (ID_MASK | EFF_FLAG | RTR_FLAG) >>> 0,
  }
}

/** Two filters of which each frame passes exactly one: their matches add up to what the kernel had for the socket. */
export function everyFrame(id: number): readonly [ListedFilter, ListedFilter] {
  return [
    { list: 'rcvlist_inv', id, mask: ID_MASK },
    { list: 'rcvlist_fil', id, mask: ID_MASK },
  ]
}

/** `device can_id can_mask function userdata matches ident` */
const ENTRY = /^ +(\S+) +([0-9a-f]{3,8}) +([0-9a-f]{8}) +\S+ +\S+ +(\d+) +raw$/gm

/**
 * How many frames a filter has matched since it was set, whether or not the socket had room for them.
 * @returns undefined where the list does not hold it
 */
export function matchesOf(filter: ListedFilter, networkInterface: string, list: string): number | undefined {
  for (const [, device, id = '', mask = '', matches] of list.matchAll(ENTRY)) {
    if (
      device === networkInterface &&
      Number.parseInt(id, 16) === filter.id &&
      Number.parseInt(mask, 16) === filter.mask
    ) {
      return Number(matches)
    }
  }
  return undefined
}

/** @returns the sum over all filters; undefined where the kernel does not list one of them */
export function readMatches(filters: readonly ListedFilter[], networkInterface: string): number | undefined {
  let sum = 0
  for (const filter of filters) {
    let list: string
    try {
      list = readFileSync(`/proc/net/can/${filter.list}`, 'latin1')
    } catch {
      return undefined
    }
    const matches = matchesOf(filter, networkInterface, list)
    if (matches === undefined) return undefined
    sum += matches
  }
  return sum
}
