import type { SqlTransaction } from '../ports/sql-store.js'

/**
 * One connection, as transactions that share a commit need it. Every method rejects as the store's own calls do. What
 * begins something may resolve before the store has answered: what comes after it then fails in its place.
 */
export interface GroupConnection {
  begin(): Promise<void>
  /** Makes all that was written durable; rejects, with the first that was refused, when it does not all stand. */
  commit(): Promise<void>
  /** Resolves once all that was written stands; rejects with the first that was refused. */
  settle(): Promise<void>
  /** Ends what was begun; never rejects. */
  rollback(): Promise<void>
  /** Begins a part that can be taken back alone, after the end of the one before. */
  beginPart(): Promise<void>
  takePartBack(): Promise<void>
  session(): SqlTransaction & { end(): void }
}

interface Waiting {
  readonly work: (session: SqlTransaction) => Promise<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Others who wait for the store, in this process or another, do not wait for more than so many. */
const MOST_A_GROUP = 32

/**
 * Transactions that wait at the same moment are committed together, since the disk takes as long for one as for many.
 * Each is still whole or nothing: one that fails is taken back alone, and none resolves before the commit is durable.
 */
export class GroupCommit {
  readonly #waiting: Waiting[] = []
  #scheduled = false

  constructor(
    /** Runs a group when it is its turn. */
    private readonly inTurn: (group: () => Promise<void>) => unknown,
    private readonly connect: () => Promise<{
      readonly connection: GroupConnection
      readonly release: () => void
    }>,
  ) {}

  transaction<T>(work: (session: SqlTransaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: (result) => resolve(result as T), reject })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.inTurn(async () => {
      this.#scheduled = false
      const group = this.#waiting.splice(0, MOST_A_GROUP)
      if (this.#waiting.length > 0) this.#schedule()
      await this.#run(group)
    })
  }

  async #run(group: readonly Waiting[]): Promise<void> {
    const unsettled = new Set(group)
    try {
      const { connection, release } = await this.connect()
      try {
        await connection.begin()
        const done = await this.#each(connection, group, unsettled)
        await connection.commit()
        for (const settle of done) settle()
      } catch (error) {
        await connection.rollback()
        throw error
      } finally {
        release()
      }
    } catch (error) {
      for (const { reject } of unsettled) reject(error)
    }
  }

  /** @returns what tells those who may be told once all is committed */
  async #each(
    connection: GroupConnection,
    group: readonly Waiting[],
    unsettled: Set<Waiting>,
  ): Promise<(() => void)[]> {
    const done: (() => void)[] = []
    const alone = group.length === 1
    for (const waiting of group) {
      if (!alone) await connection.beginPart()
      const session = connection.session()
      try {
        const result = await waiting.work(session)
        if (!alone) await connection.settle()
        done.push(() => waiting.resolve(result))
      } catch (error) {
        if (alone) throw error
        await connection.takePartBack()
        unsettled.delete(waiting)
        waiting.reject(error)
      } finally {
        session.end()
      }
    }
    return done
  }
}
