/** Thrown for a body that is longer than the reader is ready to hold. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
  constructor(limitBytes: number) {
    super(`the answer is longer than ${limitBytes} bytes; it was not read to its end`)
  }
}

/**
 * The body of a response, of which no more than `limitBytes` are ever held.
 * @throws BodyTooLarge
 */
export async function readLimited(response: Response, limitBytes: number): Promise<string> {
  if (!response.body) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > limitBytes) throw new BodyTooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
