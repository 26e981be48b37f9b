/** A request as it was seen on a wire. */
export interface TappedRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** An answer, with what it answers. */
export interface TappedResponse {
  readonly request: TappedRequest
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}
