import type { Journal } from './journal.js'

/** A map whose every change goes to the journal. A value that is changed in place is put back with `set`. */
export class StoredMap<V extends object> {
  readonly #values: Map<string, V>

  constructor(
    private readonly journal: Journal,
    private readonly kind: string,
  ) {
    this.#values = journal.take(kind) as Map<string, V>
  }

  get size(): number {
    return this.#values.size
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: V): void {
    this.#values.set(key, value)
    this.journal.put(this.kind, key, value)
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.journal.put(this.kind, key, undefined)
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries()
  }

  values(): IterableIterator<V> {
    return this.#values.values()
  }
}
