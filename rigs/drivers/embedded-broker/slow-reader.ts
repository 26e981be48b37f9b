import type { Client } from 'aedes'
import { MOST_QUEUED_BYTES } from './session-store.js'

/** Bytes written to one connection that its client has not read: a whole queue, and what comes while it is sent. */
export const MOST_UNREAD_BYTES = MOST_QUEUED_BYTES + 1024 * 1024

/**
 * Lets a client that reads slowly hold up no other: aedes waits for its socket to drain (60 s), and while a hundred
 * messages wait so, it delivers to nobody. Here what is unread waits in the socket, and beyond the limit the connection
 * is cut; a session that outlives it keeps its queue.
 * @param onCut called once, when the connection is about to be cut
 */
export function boundUnread(client: Client, onCut: () => void): void {
  const { conn } = client
  const waiting = client as unknown as {
    waitForDrain(done: (error: Error | null, client: Client) => void): void
  }
  waiting.waitForDrain = (done) => {
    if (conn.writableLength > MOST_UNREAD_BYTES && !conn.destroyed) {
      onCut()
      conn.destroy()
    }
    setImmediate(done, conn.destroyed ? new Error('the connection was cut') : null, client)
  }
}
