/** What a fuzz target's maker draws from a seeded source of numbers 0 ≤ n < 1. */
export class Draws {
  constructor(private readonly random: () => number) {}

  /** A whole number, 0 ≤ n < `below`. */
  below(below: number): number {
    return Math.floor(this.random() * below)
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('nothing to pick from')
    return items[this.below(items.length)] as Item
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  /** The text with a few characters taken out, doubled, replaced or moved. */
  mutate(text: string, alphabet: string, most = 8): string {
    let mutated = text
    for (let changes = 1 + this.below(most); changes > 0; changes--) {
      const at = this.below(mutated.length + 1)
      const length = this.below(4)
      const [before, cut, after] = [
        mutated.slice(0, at),
        mutated.slice(at, at + length),
        mutated.slice(at + length),
      ]
      const put = this.pick([
        '',
        cut + cut,
        alphabet[this.below(alphabet.length)] ?? '',
        cut.split('').reverse().join(''),
      ])
      mutated = before + put + after
    }
    return mutated
  }
}
