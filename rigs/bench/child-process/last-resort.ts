/**
 * Has a process that guards something end in order when an exception reaches no handler: its default would be to end at
 * once, and leave what it guards as it is. What it was goes to standard error; exceptions on the way out are only named.
 * @param end makes safe and ends the process; called once
 */
export function onLastResort(end: () => void): void {
  let isEnding = false
  const take = (error: unknown) => {
    say(`an unforeseen failure: ${error instanceof Error ? error.stack : String(error)}\n`)
    if (isEnding) return
    isEnding = true
    end()
  }
  process.stderr.on('error', () => undefined)
  process.on('uncaughtException', take)
  process.on('unhandledRejection', take)
}

/** Standard error is a file of the evidence: on a full disk a write throws, and must not become the next failure. */
function say(text: string): void {
  try {
    process.stderr.write(text)
  } catch {
    // What counts is what happens now.
  }
}
