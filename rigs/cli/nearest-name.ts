/** Changes of single letters from one word to another (Levenshtein), capitals apart. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}

/** @returns the name that was probably meant: undefined where none is near: more than half would change */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Math.floor(name.length / 2) + 1
  for (const each of names) {
    const changes = distance(name.toLowerCase(), each.toLowerCase())
    if (changes >= least) continue
    nearest = each
    least = changes
  }
  return nearest
}
