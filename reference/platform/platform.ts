import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { createHttpServer } from '../http/serve-http.js'
import type { RunningParty } from '../ports/party.js'
import type { SqlStore } from '../ports/sql-store.js'
import { MinuteLimit } from '../minute-limit.js'
import { Dispatcher } from '../sql/dispatcher.js'
import type { Outgoing } from '../sql/lanes.js'
import { Duty } from '../sql/duty.js'
import { RetentionSweep } from '../sql/retention.js'
import { migrate } from '../sql/migrate.js'
import { logWhatIsCommitted } from './committed-log.js'
import { Access } from './access.js'
import { BayService } from './bay-service.js'
import { Expiries } from './expiries.js'
import { pendingCommands } from './command-outbox.js'
import { CommandSender } from './command-sender.js'
import { createApi } from './http-api.js'
import { loadInventory } from './inventory.js'
import { pacedByLock } from './lock-pace.js'
import { LinkHolder } from './link-holder.js'
import { LockMessages } from './lock-messages.js'
import { PLATFORM_MIGRATIONS } from './migrations/platform-migrations.js'
import { OperatorCommands } from './operator-commands.js'
import { removeMessages } from './outbox.js'
import { partiesOf, requireSoundParties } from './parties.js'
import { PartyWebhooks } from './party-webhooks.js'
import type { PlatformConfig, PlatformDeps } from './platform-config.js'
import { PLATFORM_RETENTION } from './retention.js'
import { ReservationLife } from './reservation-life.js'
import { Reservations } from './reservations.js'

const DEFAULT_NO_SHOW_SECONDS = 1_800
const DEFAULT_UNLOCK_GRACE_SECONDS = 10
const DEFAULT_LOCK_SILENCE_SECONDS = 60
/** A lock says a dozen things in a stay, and repeats what it was not thanked for. */
const DEFAULT_LOCK_MESSAGES_PER_MINUTE = 6_000

/** Wall time, milliseconds. */
const LINK_RETRY_MS = 500

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
  requireSoundParties(config)
  const { store, clock, log } = deps
  await migrate(store, 'platform', PLATFORM_MIGRATIONS, clock.now())
  await loadInventory(store, config.inventory, deps.newId())

  const parties = partiesOf(config)
  const webhooks = parties.flatMap(({ name, webhook }) => {
    if (webhook === undefined) return []
    return new PartyWebhooks({ party: name, target: webhook, store, clock, log, onDuty: () => duty.held })
  })
  for (const each of webhooks) started.push(() => each.close())

  const commandSender = new CommandSender({
    ...deps,
    publish: (lockId, command) => link.send(lockId, command),
    again: (lockId) => void commands.again(lockId),
  })
  const commands: Dispatcher<Outgoing> = new Dispatcher({
    name: 'command',
    store,
    log,
    pending: pendingCommands,
    remove: removeMessages,
    deliver: (message) => commandSender.send(message),
    retryMs: () => LINK_RETRY_MS,
    onDuty: () => duty.held && link.isOpen,
  })
  const dispatch = () => {
    for (const each of webhooks) each.kick()
    void commands.kick()
  }
  const life = new ReservationLife(deps, {
    afterSeconds: config.noShowSeconds ?? DEFAULT_NO_SHOW_SECONDS,
    expect: (atMs) => expiries.expect(atMs),
  })
  const patience = {
    silenceMs: 1_000 * (config.lockSilenceSeconds ?? DEFAULT_LOCK_SILENCE_SECONDS),
    unlockGraceMs: 1_000 * (config.unlockGraceSeconds ?? DEFAULT_UNLOCK_GRACE_SECONDS),
  }
  const expiries: Expiries = new Expiries(deps, life, patience, dispatch)
  const reservations = new Reservations(deps, life, expiries, config.holdSeconds, dispatch)
  const service = new BayService(deps, life, dispatch)
  const operator = new OperatorCommands(config, deps, dispatch)
  // A message that the link's last holder still has in hand must not be taken after a newer one that we took.
  const fenced: SqlStore = {
    execute: (sql, params) => store.execute(sql, params),
    query: (sql, params) => store.query(sql, params),
    close: () => store.close(),
    transaction: (work) =>
      store.transaction(async (session) => {
        await duty.require(session)
        return work(session)
      }),
  }
  const pace = new MinuteLimit(config.limits?.lockMessagesPerMinute ?? DEFAULT_LOCK_MESSAGES_PER_MINUTE)
  started.push(() => pace.close())
  const messages = new LockMessages({ ...deps, store: fenced }, life, {
    onAnswer: () => void operator.look(),
    onBirth: (lockId) => void commands.again(lockId),
    onCommit: dispatch,
    onTaken: ({ lockId, bayId }) => {
      retention.wrote('lock_id', lockId)
      retention.wrote('bay_id', bayId)
    },
  })
  const link = new LinkHolder({
    broker: config.broker,
    log,
    onMessage: pacedByLock((message) => messages.handle(message), pace, log),
    // The broker may have died, and have lost what it had taken.
    onConnect: () => void commands.restart(),
    onDuty: () => duty.held,
  })
  const retention = new RetentionSweep({ store, clock, log, tables: PLATFORM_RETENTION })
  started.push(() => retention.close())
  let serving = false
  const duty: Duty = await Duty.begin({
    store,
    log,
    table: 'platform_duties',
    duty: 'outgoing',
    instance: config.instance ?? hostname(),
    run: deps.newId(),
    ...(config.leaseMs !== undefined && { leaseMs: config.leaseMs }),
    whileHeld: () => {
      if (!serving) return
      link.keep()
      dispatch()
      void commandSender.look()
      void expiries.sweep()
      retention.look()
    },
    onLost: () => {
      for (const each of webhooks) each.letGo()
      commands.letGo()
      commandSender.letGo()
      void link.letGo()
    },
  })
  started.push(() => duty.end())
  started.push(() => link.close())
  started.push(() => commands.close())
  // So that a broker that cannot be used is told at the start.
  if (duty.held) await link.open()

  const access = new Access(parties, deps, {
    ...config.limits,
    onKept: (party) => retention.wrote('party', party),
  })
  started.push(() => access.close())
  const server = createHttpServer(createApi({ access, deps, reservations, operator, service }), log, {
    names: config.hostNames ?? [],
  })
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
  await expiries.sweep()
  serving = true
  dispatch()
  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return `http://${host}:${port}`
}
