import type { EventLog } from '../ports/event-log.js'
import { ACCOUNT_MENU } from './account-menu.js'
import type { WeChatClient } from './wechat-client.js'

/** Pauses between attempts, wall milliseconds: each is twice the one before. */
export const MENU_PAUSES = { firstMs: 1_000, longestMs: 600_000 } as const

/**
 * Shows the account's menu to its users, as soon as WeChat takes it: whoever starts a cloud does not wait for it, since
 * everything can be said in words, too. What fails is told and tried again.
 */
export function publishMenu(
  wechat: Pick<WeChatClient, 'createMenu'>,
  log: EventLog,
  correlationId: string,
  pauses: { readonly firstMs: number; readonly longestMs: number } = MENU_PAUSES,
): { close(): Promise<void> } {
  const closing = new AbortController()
  const { signal } = closing

  async function untilPublished(): Promise<void> {
    for (let pauseMs = pauses.firstMs; !signal.aborted; pauseMs = Math.min(2 * pauseMs, pauses.longestMs)) {
      try {
        await wechat.createMenu(ACCOUNT_MENU, correlationId)
        return log.record('menu-published', {}, correlationId)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        log.record('menu-not-published', { reason, againInMs: pauseMs }, correlationId)
      }
      await pause(pauseMs, signal)
    }
  }

  const done = untilPublished()
  return {
    close() {
      closing.abort()
      return done
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
  })
}
