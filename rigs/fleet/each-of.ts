/**
 * Does the work for each item, so many at a time.
 * @throws the first failure, after the work that was begun has ended; no more is begun after one
 */
export async function eachOf<T>(
  items: readonly T[],
  atATime: number,
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  let failed = false
  const run = async () => {
    while (next < items.length && !failed) {
      const index = next++
      try {
        await work(items[index] as T, index)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atATime, items.length) }, run))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}
