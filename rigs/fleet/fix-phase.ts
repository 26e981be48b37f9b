/** When in its interval a lock reports, 0 ≤ n < 1: the same for the same lock, and spread over the locks of a fleet. */
export function phaseOf(lockId: string): number {
  let hash = 0
  for (const letter of lockId) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0
  return (hash % 9_973) / 9_973
}
