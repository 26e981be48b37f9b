import assert from 'node:assert/strict'
import type { ClusterLock } from './cluster-lock.js'
import type { ClusterUser } from './cluster-user.js'

/** Long enough for a crash of everything on a slow machine, wall milliseconds. */
const PATIENCE_MS = 60_000
/** How long a user waits before asking again. */
const IMPATIENCE_MS = 6_000
const ATTEMPTS = 8
/** After so many, a user who is told that it went wrong waits until things work again. */
const ATTEMPTS_AT_ONCE = 2

export type JourneyEnd = 'completed' | `refused: ${string}`

/**
 * One user's way from the wish to the drive-out, with the patience that people have: who is told that it went wrong
 * asks again, who hears nothing asks for the code.
 * @throws AssertionError when the way neither is completed nor ends in a refusal that has a name
 */
export async function journey(
  user: ClusterUser,
  lock: ClusterLock,
  /** Resolves when nothing is down that is to come back. */
  recovery: () => Promise<unknown>,
): Promise<JourneyEnd> {
  const { bayId } = lock
  lock.begin()
  const openings = lock.openings
  await user.writes(`预约 ${bayId}`)
  const got = await codeFor(user, bayId, recovery)
  if ('refused' in got) {
    assert.equal(lock.openings, openings, `${bayId} opened for a user who was refused`)
    await giveUp(user)
    return `refused: ${got.refused}`
  }
  const opened = await open(user, lock, got.code)
  if (opened !== 'fresh') {
    assert.equal(lock.openings, openings, `${bayId} opened for a code that was ${opened}`)
    await giveUp(user)
    return `refused: ${opened}-code`
  }
  await lock.boltIs('down')
  lock.setVehicle(true)
  await lock.says('occupancy-changed')
  lock.setVehicle(false)
  await lock.boltIs('up')
  assert.notEqual(await lock.isShown(got.code), 'fresh', 'a code works twice')
  assert.equal(lock.openings, openings + 1, `${bayId} opened ${lock.openings - openings} times`)
  assert.ok(await user.hearsText(/已驶离/, PATIENCE_MS), `the user of ${bayId} is never told of the end`)
  return 'completed'
}

/** Takes back what may be reserved, until the account says that nothing is. */
async function giveUp(user: ClusterUser): Promise<void> {
  // What the user asked last may still be on its way, and reserve the bay after all.
  await user.isAnswered()
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    user.forget()
    await user.writes('取消')
    if (await user.hearsText(/的预约已取消|没有预约|不能取消/, IMPATIENCE_MS)) return
  }
  assert.fail('the account never says that nothing is reserved')
}

type Got = { readonly code: string } | { readonly refused: string }

async function codeFor(user: ClusterUser, bayId: string, recovery: () => Promise<unknown>): Promise<Got> {
  let reserved = false
  const reasons: string[] = []
  for (let attempt = 0; attempt < ATTEMPTS;) {
    const heard = await user.hears(IMPATIENCE_MS)
    switch (heard.kind) {
      case 'code':
        return { code: heard.code }
      case 'refused':
        return { refused: heard.reason }
      case 'reserved':
      case 'not-yet':
        reserved = true
        break
      case 'again':
        reasons.push(heard.reason)
        if (++attempt > ATTEMPTS_AT_ONCE) await recovery()
        await user.writes(`预约 ${bayId}`)
        break
      case 'silence':
        reasons.push('silence')
        attempt++
        await user.writes(reserved ? '我的码' : `预约 ${bayId}`)
        break
    }
  }
  assert.ok(!reserved, `the user of ${bayId} has the bay, and gets no code`)
  // Somebody who has heard that it went wrong, time and again, has been refused; who hears nothing has not.
  assert.ok(
    reasons.some((reason) => reason !== 'silence'),
    `the user of ${bayId} hears nothing at all`,
  )
  return { refused: reasons.at(-1) ?? '' }
}

/** Shows the code once the lock has one; a user whose code is not taken asks for the newest. */
async function open(user: ClusterUser, lock: ClusterLock, first: string): Promise<string> {
  let code = first
  let verdict = 'never-stored'
  for (let attempt = 0; attempt < 2; attempt++) {
    if (!(await lock.hasCode(PATIENCE_MS))) return verdict
    verdict = await lock.isShown(code)
    if (verdict === 'fresh') return verdict
    await user.writes('我的码')
    const heard = await user.hears(PATIENCE_MS)
    if (heard.kind === 'refused') return heard.reason
    if (heard.kind === 'code') code = heard.code
  }
  return verdict
}
