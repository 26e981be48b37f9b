/** A step of the schema, in SQL that SQLite and PostgreSQL both take. Once released it is never edited. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** One statement each. */
  readonly statements: readonly string[]
}
