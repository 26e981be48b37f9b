import { connectAsync, type ErrorWithReasonCode } from 'mqtt'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'

const CONNECT_TIMEOUT_MS = 10_000

/** Whether the broker was there, and did not take the user name or the password (MQTT 3.1.1, table 3.1). */
export function isCredentialRefused(error: unknown): boolean {
  const { code } = error as Partial<ErrorWithReasonCode>
  return code === 4 || code === 5
}

/**
 * Connects once and leaves. A session that the user has there stays as it is.
 * @returns why the broker did not let the user in
 */
export async function refusalOf({ url, username, password, ca }: BrokerAccess): Promise<unknown> {
  try {
    const options = {
      clientId: username,
      clean: false,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
    }
    const client = await connectAsync(
      url,
      { ...options, username, password, ...(ca !== undefined && { ca }) },
      false,
    )
    await client.endAsync()
    return undefined
  } catch (error) {
    return error ?? new Error('the connection was closed')
  }
}
