const PROGRESS_MS = 10_000

export interface Settings {
  readonly inputs: number
  readonly seed: number
}

export type Soak = (settings: Settings, progress: (what: string) => void) => Promise<unknown>

/** Says now and then how far the work is. */
export function everySoOften(say: (what: string) => void): (what: () => string) => void {
  let due = Date.now() + PROGRESS_MS
  return (what) => {
    if (Date.now() < due) return
    due = Date.now() + PROGRESS_MS
    say(what())
  }
}
