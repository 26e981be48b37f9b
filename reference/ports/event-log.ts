/** What happened inside a party, for the evidence. The sink redacts: callers may pass codes and openids. */
export interface EventLog {
  /**
   * @param event kebab-case name, e.g. `reservation-held`
   * @param fields JSON values
   * @param correlationId ties all events of one user command together, across parties
   */
  record(event: string, fields?: Readonly<Record<string, unknown>>, correlationId?: string): void
}
