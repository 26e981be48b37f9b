/** Thrown for a body that is longer than the reader is ready to hold. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
  constructor(limitBytes: number) {
    super(`the answer is longer than ${limitBytes} bytes; it was not read to its end`)
  }
}

/**
 * A body, of which no more than `limitBytes` are ever held.
 * @throws BodyTooLarge
 */
export async function readLimited(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > limitBytes) throw new BodyTooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
