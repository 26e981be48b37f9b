/**
 * Devices that are not the bench's own and load its parties, while the bench's lock runs its scenarios. With guests the
 * parties stay for the whole run, go by the system's clock, and keep no evidence of what the guests do.
 */
export interface Guests {
  readonly locks: readonly string[]
  readonly vehicles: readonly string[]
}
