import type { EventLog } from '../ports/event-log.js'
import { ACCOUNT_MENU } from './account-menu.js'
import type { WeChatClient } from './wechat-client.js'

/** Shows the account's menu to its users. Everything can be said in words, too, so that a failure is only told. */
export async function publishMenu(wechat: WeChatClient, log: EventLog, correlationId: string): Promise<void> {
  try {
    await wechat.createMenu(ACCOUNT_MENU, correlationId)
    log.record('menu-published', {}, correlationId)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.record('menu-not-published', { reason }, correlationId)
  }
}
