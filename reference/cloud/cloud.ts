import express from 'express'
import { expressFaults } from '../http/express-faults.js'
import { serveHttp } from '../http/serve-http.js'
import type { RunningParty } from '../ports/party.js'
import { Booking } from './booking.js'
import { CLOUD_DEFAULTS, type CloudConfig, type CloudDeps } from './cloud-config.js'
import { CloudStore } from './cloud-store.js'
import { Conversation } from './conversation.js'
import { bundledGazetteer } from './gazetteer.js'
import { LiveSpaces } from './live-spaces.js'
import { OutgoingMessages } from './outgoing-messages.js'
import { PHRASES } from './phrases.js'
import { PlatformClient } from './platform-client.js'
import { platformWebhook } from './platform-webhook.js'
import { PushOpening } from './push-opening.js'
import { Replanning } from './replanning.js'
import { ReservationProgress } from './reservation-progress.js'
import { connectVehicles } from './vehicle-link.js'
import { VehicleNews } from './vehicle-news.js'
import { WeChatClient } from './wechat-client.js'
import { publishMenu } from './publish-menu.js'
import { wechatWebhook } from './wechat-webhook.js'

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
  const platform = new PlatformClient({
    ...config.platform,
    timeoutMs: config.platform.timeoutMs ?? CLOUD_DEFAULTS.platformTimeoutMs,
  })
  const messages = new OutgoingMessages(sql, wechat, log)
  const vehicles = await connectVehicles(config.broker, { clock, log, newId })
  const news = new VehicleNews(sql, vehicles, log)
  const spaces = new LiveSpaces(platform)
  const booking = new Booking({ platform, spaces, vehicles, store, log, newId, holdSeconds })
  const conversation = new Conversation({
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
  const replanning = new Replanning({ sql, booking, messages, log, holdSeconds })
  const progress = new ReservationProgress({ sql, platform, vehicles: news, messages, replanning, log })

  const { token, appId, aesKey } = config.wechat
  const opening = new PushOpening(token, appId, aesKey)

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
      { clock, log, store, conversation, messages, opening },
    ),
  )
  app.use(
    '/platform/events',
    platformWebhook({ secret: config.platform.webhookSecret, replayWindowSeconds }, { clock, log, progress }),
  )
  app.use((_request, response) => void response.status(404).end())
  app.use(expressFaults(log))
  try {
    // Read before anything new can begin: what is found was left by a run that ended in the middle of it.
    const unanswered = await store.unansweredBookings()
    const server = await serveHttp(app, config)
    await publishMenu(wechat, log, newId())
    log.record('cloud-ready', { url: server.url })
    void news.kick()
    void messages.kick()
    const resumed = booking
      .resume(unanswered)
      .then((lost) => tellLost(store, messages, lost))
      .then(() => replanning.kick())
      .catch((error: unknown) => {
        log.record('resuming-failed', { reason: error instanceof Error ? error.message : String(error) })
      })
    let closed: Promise<void> | undefined
    return {
      url: server.url,
      close() {
        closed ??= (async () => {
          await server.close()
          await resumed
          await replanning.settled()
          await messages.settled()
          await news.close()
          await vehicles.close()
        })()
        return closed
      },
    }
  } catch (error) {
    await vehicles.close()
    throw error
  }
}

/** Users whose request was interrupted, and who get nothing for it, are told so. */
async function tellLost(
  store: CloudStore,
  messages: OutgoingMessages,
  lost: Awaited<ReturnType<Booking['resume']>>,
): Promise<void> {
  for (const { booking, reason } of lost) {
    const user = await store.userOf(booking.userRef)
    if (!user) continue
    const words = PHRASES[user.language]
    const text = reason === 'taken' ? words.bayTaken(booking.bayId, undefined) : words.trouble
    messages.sendText(user.openid, text, booking.correlationId)
  }
}
