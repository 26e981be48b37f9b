import { hostname } from 'node:os'
import express from 'express'
import { expressFaults } from '../http/express-faults.js'
import { FailureLimit } from '../failure-limit.js'
import { serveHttp } from '../http/serve-http.js'
import type { RunningParty } from '../ports/party.js'
import { Duty } from '../sql/duty.js'
import { RetentionSweep } from '../sql/retention.js'
import { Booking } from './booking.js'
import { BookingResumption } from './booking-resumption.js'
import { CLOUD_DEFAULTS, type CloudConfig, type CloudDeps } from './cloud-config.js'
import { CloudStore } from './cloud-store.js'
import { Conversation } from './conversation.js'
import { bundledGazetteer } from './gazetteer.js'
import { HeldPushes } from './held-pushes.js'
import { LiveSpaces } from './live-spaces.js'
import { OutgoingMessages } from './outgoing-messages.js'
import { PlatformClient } from './platform-client.js'
import { platformWebhook } from './platform-webhook.js'
import { PushOpening } from './push-opening.js'
import { Replanning } from './replanning.js'
import { CLOUD_RETENTION } from './retention.js'
import { ReservationProgress } from './reservation-progress.js'
import { connectVehicles } from './vehicle-link.js'
import { VehicleNews } from './vehicle-news.js'
import { WeChatClient } from './wechat-client.js'
import { ReadAhead } from './read-ahead.js'
import { publishMenu } from './publish-menu.js'
import { wechatWebhook } from './wechat-webhook.js'

/** How long messages may still go out when the cloud stops, wall milliseconds; the others go out when it is back. */
const LAST_WORDS_MS = 5_000

async function inTime(work: Promise<void>, limitMs: number): Promise<void> {
  let limit: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, limitMs)))
  await Promise.race([work, late])
  clearTimeout(limit)
}

/**
 * The cloud: between WeChat (`/wechat` takes its pushes), the parking platform (`/platform/events` takes its news) and
 * the vehicles (MQTT). It does not close the store, which it was given.
 * @throws BrokerUnreachable, CannotListen, and what the store throws
 */
export async function startCloud(
  config: CloudConfig,
  deps: CloudDeps,
): Promise<RunningParty & { readonly url: string }> {
  const { clock, log, newId, store: sql, geocoder = bundledGazetteer() } = deps
  const { holdSeconds } = config
  const replayWindowSeconds = config.replayWindowSeconds ?? CLOUD_DEFAULTS.replayWindowSeconds
  const store = await CloudStore.open(sql, newId(), clock.now())
  const wechat = new WeChatClient(
    { ...config.wechat, timeoutMs: config.wechat.timeoutMs ?? CLOUD_DEFAULTS.wechatTimeoutMs },
    clock,
  )
  const platformTimeoutMs = config.platform.timeoutMs ?? CLOUD_DEFAULTS.platformTimeoutMs
  const platform = new PlatformClient({
    ...config.platform,
    timeoutMs: platformTimeoutMs,
  })
  const instance = config.instance ?? hostname()
  const onDuty = () => duty.held
  const messages = new OutgoingMessages({
    sql,
    wechat,
    log,
    onDuty,
    heldPushes: new HeldPushes({ store, log }),
  })
  const link = await connectVehicles(config.broker, {
    log,
    newId,
    onEvent: (vehicleId, event) => vehicles.take(vehicleId, event),
    onReconnected: () => vehicles.connected(),
  })
  const vehicles = new VehicleNews({ sql, link, clock, log, newId, onDuty })
  const spaces = new LiveSpaces(platform)
  const booking = new Booking({
    platform,
    spaces,
    vehicles,
    sql,
    store,
    log,
    newId,
    holdSeconds,
    instance,
  })
  const resumption = new BookingResumption({
    store,
    booking,
    messages,
    log,
    // The platform is asked twice, and the clouds' ways to the store take their time.
    abandonedAfterMs: 2 * platformTimeoutMs + 2_000,
  })
  const conversation = new Conversation({
    sql,
    store,
    booking,
    platform,
    vehicles,
    messages,
    geocoder,
    log,
    newId,
    holdSeconds,
    mapDatum: config.mapDatum,
  })
  const replanning = new Replanning({ sql, booking, messages, log, holdSeconds, onDuty })
  const progress = new ReservationProgress({ sql, platform, vehicles, messages, replanning, log })
  const retention = new RetentionSweep({ store: sql, clock, log, tables: CLOUD_RETENTION })
  let serving = false
  const speak = () => {
    if (!serving) return
    void vehicles.kick()
    void messages.kick()
    void replanning.kick()
    resumption.look()
    vehicles.look()
    messages.look()
    retention.look()
  }

  const { token, appId, aesKey } = config.wechat
  const opening = new PushOpening(token, appId, aesKey)
  const failures = new FailureLimit(config.failuresPerMinute)

  const duty: Duty = await Duty.begin({
    store: sql,
    log,
    table: 'cloud_duties',
    duty: 'outgoing',
    instance,
    run: newId(),
    ...(config.leaseMs !== undefined && { leaseMs: config.leaseMs }),
    whileHeld: speak,
    onLost: () => {
      messages.letGo()
      vehicles.letGo()
    },
  }).catch(async (error: unknown) => {
    await link.close()
    throw error
  })

  const app = express()
  app.disable('x-powered-by')
  app.use(
    '/wechat',
    wechatWebhook(
      {
        token: config.wechat.token,
        originalId: config.wechat.originalId,
        replayWindowSeconds,
        passiveReplyMs: config.passiveReplyMs ?? CLOUD_DEFAULTS.passiveReplyMs,
      },
      { clock, log, store, conversation, messages, opening, failures },
    ),
  )
  app.use(
    '/platform/events',
    platformWebhook(
      { secret: config.platform.webhookSecret, replayWindowSeconds },
      { clock, log, progress, failures },
    ),
  )
  app.use((_request, response) => void response.status(404).end())
  app.use(expressFaults(log))
  try {
    // Read before anything new can begin: what is found was left by a run that ended in the middle of it.
    const unanswered = (await store.unansweredBookings()).filter(({ askedBy }) => askedBy === instance)
    const server = await serveHttp(app, config, log)
    const menu = publishMenu(wechat, log, newId())
    log.record('cloud-ready', { url: server.url })
    serving = true
    resumption.resume(unanswered)
    speak()
    const ahead = new ReadAhead(spaces, log)
    void ahead.read()
    let closed: Promise<void> | undefined
    return {
      url: server.url,
      close() {
        closed ??= (async () => {
          ahead.close()
          await server.close()
          failures.close()
          await menu.close()
          await resumption.settled()
          await replanning.settled()
          await inTime(messages.settled(), LAST_WORDS_MS)
          await messages.close()
          await vehicles.close()
          await duty.end()
          await retention.close()
          await link.close()
        })()
        return closed
      },
    }
  } catch (error) {
    failures.close()
    await duty.end()
    await link.close()
    throw error
  }
}
