/**
 * Whether every topic that `filter` matches is also matched by `allowed` (MQTT 3.1.1, 4.7). A plain topic is a filter
 * that matches itself only. Wildcards at the start never match topics that start with `$`.
 */
export function covers(allowed: string, filter: string): boolean {
  const mine = allowed.split('/')
  const theirs = filter.split('/')
  if (filter.startsWith('$') !== allowed.startsWith('$')) return false
  for (const [i, level] of mine.entries()) {
    if (level === '#') return true
    const asked = theirs[i]
    if (asked === undefined || asked === '#') return false
    if (level === '+' || level === asked) continue
    return false
  }
  return theirs.length === mine.length
}
