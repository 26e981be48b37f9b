/** The head unit does not show what the scenario expects. */
export class NotShown extends Error {
  override readonly name = 'NotShown'
}
