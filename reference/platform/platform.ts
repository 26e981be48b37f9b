import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningParty } from '../ports/party.js'
import { Dispatcher } from '../sql/dispatcher.js'
import { migrate } from '../sql/migrate.js'
import { logWhatIsCommitted } from './committed-log.js'
import { BayService } from './bay-service.js'
import { Expiries } from './expiries.js'
import { createApi } from './http-api.js'
import { loadInventory } from './inventory.js'
import { LockLink } from './lock-link.js'
import { LockMessages } from './lock-messages.js'
import { PLATFORM_MIGRATIONS } from './migrations/platform-migrations.js'
import { OperatorCommands } from './operator-commands.js'
import { pendingCommands, pendingWebhooks, removeMessage, type OutboxMessage } from './outbox.js'
import type { PlatformConfig, PlatformDeps } from './platform-config.js'
import { ReservationLife } from './reservation-life.js'
import { Reservations } from './reservations.js'
import { WebhookSender } from './webhook-sender.js'

const DEFAULT_NO_SHOW_SECONDS = 1_800

/** Wall time, milliseconds. */
const LINK_RETRY_MS = 500
const DEFAULT_FIRST_RETRY_MS = 250
const DEFAULT_LONGEST_RETRY_MS = 30_000

/** What has been started, ended in reverse order. */
class Started {
  readonly #ends: (() => unknown)[] = []
  #ending: Promise<void> | undefined

  push(end: () => unknown): void {
    this.#ends.push(end)
  }

  end(): Promise<void> {
    this.#ending ??= (async () => {
      for (const end of this.#ends.reverse()) await end()
    })()
    return this.#ending
  }
}

/**
 * Starts the parking platform. It serves once this resolves; the store stays its owner's to close.
 * @throws BrokerUnavailable, StoreIsNewer, InventoryInvalid, and node's own error for an address that is taken
 */
export async function startPlatform(
  config: PlatformConfig,
  deps: PlatformDeps,
): Promise<RunningParty & { readonly url: string }> {
  const started = new Started()
  try {
    const url = await start(config, { ...deps, ...logWhatIsCommitted(deps) }, started)
    return { url, close: () => started.end() }
  } catch (error) {
    await started.end()
    throw error
  }
}

async function start(config: PlatformConfig, deps: PlatformDeps, started: Started): Promise<string> {
  const { store, clock, log } = deps
  await migrate(store, 'platform', PLATFORM_MIGRATIONS, clock.now())
  await loadInventory(store, config.inventory, deps.newId())

  const sender = new WebhookSender(config.webhook, clock)
  const {
    firstRetryMs: firstMs = DEFAULT_FIRST_RETRY_MS,
    longestRetryMs: longestMs = DEFAULT_LONGEST_RETRY_MS,
  } = config.webhook
  const webhooks = new Dispatcher({
    name: 'webhook',
    store,
    log,
    pending: pendingWebhooks,
    remove: removeMessage,
    deliver: (message) => sender.send(message.payload),
    retryMs: (failures) => Math.min(longestMs, firstMs * 2 ** (failures - 1)),
  })
  started.push(() => webhooks.close())
  started.push(() => sender.close())

  const sendCommand = async ({ lock_id: lockId, kind, payload, expires_at: expiresAtMs }: OutboxMessage) => {
    // A command whose end of life has come moves nothing, so it is not sent.
    if (lockId === null || (expiresAtMs !== null && expiresAtMs <= clock.now())) {
      log.record('command-expired-unsent', { lockId, type: kind })
      return
    }
    await link.send(lockId, payload)
  }
  const commands = new Dispatcher({
    name: 'command',
    store,
    log,
    pending: pendingCommands,
    remove: removeMessage,
    deliver: sendCommand,
    retryMs: () => LINK_RETRY_MS,
  })
  let open = false
  const dispatch = () => {
    void webhooks.kick()
    if (open) void commands.kick()
  }
  const life = new ReservationLife(deps, {
    afterSeconds: config.noShowSeconds ?? DEFAULT_NO_SHOW_SECONDS,
    arm: (reservationId, atMs) => expiries.armNoShow(reservationId, atMs),
  })
  const expiries: Expiries = new Expiries(deps, life, dispatch)
  const reservations = new Reservations(deps, life, expiries, config.holdSeconds, dispatch)
  const service = new BayService(deps, life, dispatch)
  const operator = new OperatorCommands(
    config,
    deps,
    () => link,
    () => commands.kick(),
  )
  const messages = new LockMessages(
    deps,
    life,
    (lockId, result) => operator.resolve(lockId, result),
    dispatch,
  )

  const link = await LockLink.open(config.broker, (message) => messages.handle(message), dispatch)
  started.push(() => commands.close())
  started.push(() => link.close())
  open = true

  const server = createServer(createApi({ config, deps, reservations, operator, service }))
  server.listen(config.port, config.host)
  await once(server, 'listening')
  started.push(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    // Answers those who wait for a lock; what is still busy after that is a client that does not read.
    operator.close()
    const late = setTimeout(() => server.closeAllConnections(), 1_000)
    await closed
    clearTimeout(late)
  })
  started.push(() => expiries.close())
  await expiries.resume()
  dispatch()
  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return `http://${host}:${port}`
}
