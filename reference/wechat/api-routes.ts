import express, { type Request, type Response, type Router } from 'express'
import { toBuffer } from 'qrcode'
import { apiErrorBody, type ApiErrorCode, type ApiRefusal } from './api-error.js'
import { sendCustomMessage } from './custom-message.js'
import { MAX_IMAGE_BYTES } from './media-store.js'
import type { WeChatPlatformConfig, WeChatPlatformDeps } from './wechat-config.js'
import type { WeChatState } from './wechat-state.js'

const MAX_JSON_BYTES = 1024 * 1024

/** The file of a multipart form's field `media`; undefined when the body is no such form. */
async function readMediaField(request: Request): Promise<Uint8Array | undefined> {
  const contentType = request.headers['content-type'] ?? ''
  if (!Buffer.isBuffer(request.body)) return undefined
  try {
    const form = await new globalThis.Response(new Uint8Array(request.body), {
      headers: { 'content-type': contentType },
    }).formData()
    const media = form.get('media')
    return media instanceof Blob ? new Uint8Array(await media.arrayBuffer()) : undefined
  } catch {
    return undefined
  }
}

function readJson(body: unknown): object | undefined {
  try {
    const value: unknown = JSON.parse(typeof body === 'string' ? body : '')
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** The platform's API for accounts, under `/cgi-bin`: HTTP 200 even on error. */
export function apiRoutes(
  config: WeChatPlatformConfig,
  deps: WeChatPlatformDeps,
  state: WeChatState,
): Router {
  const { clock, log, random } = deps
  const router = express.Router()
  const json = express.text({ type: () => true, limit: MAX_JSON_BYTES })
  const binary = express.raw({ type: () => true, limit: MAX_IMAGE_BYTES + 64 * 1024 })

  function refuse(request: Request, response: Response, { errcode }: ApiRefusal): void {
    log.record('api-refused', { call: request.path, errcode }, request.get('x-correlation-id'))
    response.json(apiErrorBody(errcode, clock.now(), random))
  }

  function credential(appId: unknown, secret: unknown): { appId: string } | ApiRefusal {
    const account = config.accounts.find((candidate) => candidate.appId === appId)
    if (!account) return { errcode: 40013 }
    return account.secret === secret ? { appId: account.appId } : { errcode: 40125 }
  }

  /** Runs `work` for the account whose token the request carries. */
  function authorised(
    work: (
      appId: string,
      request: Request,
      response: Response,
    ) => ApiErrorCode | void | Promise<ApiErrorCode | void>,
  ) {
    return async (request: Request, response: Response): Promise<void> => {
      const account = state.tokens.check(request.query['access_token'])
      if ('errcode' in account) return refuse(request, response, account)
      const errcode = await work(account.appId, request, response)
      if (errcode) refuse(request, response, { errcode })
    }
  }

  router.get('/token', (request, response) => {
    const { grant_type, appid, secret } = request.query
    if (grant_type !== 'client_credential') return refuse(request, response, { errcode: 40002 })
    const account = credential(appid, secret)
    if ('errcode' in account) return refuse(request, response, account)
    response.json(state.tokens.issue(account.appId))
  })

  router.post('/stable_token', json, (request, response) => {
    const body = readJson(request.body) as Record<string, unknown> | undefined
    if (!body) return refuse(request, response, { errcode: 47001 })
    if (body['grant_type'] !== 'client_credential') return refuse(request, response, { errcode: 40002 })
    const account = credential(body['appid'], body['secret'])
    if ('errcode' in account) return refuse(request, response, account)
    const grant = state.tokens.stable(account.appId, body['force_refresh'] === true)
    if ('errcode' in grant) return refuse(request, response, grant)
    response.json(grant)
  })

  router.post(
    '/message/custom/send',
    json,
    authorised((appId, request, response) => {
      const body = readJson(request.body)
      if (!body) return 47001
      const sent = sendCustomMessage(appId, body, state, clock.now())
      if (sent !== 'sent') return sent.errcode
      log.record('custom-message-sent', { appId }, request.get('x-correlation-id'))
      response.json({ errcode: 0, errmsg: 'ok' })
    }),
  )

  router.post(
    '/media/upload',
    binary,
    authorised(async (_appId, request, response) => {
      const bytes = await readMediaField(request)
      if (!bytes) return 41005
      const added = state.media.add(request.query['type'], bytes)
      if ('errcode' in added) return added.errcode
      response.json({
        type: added.media.type,
        media_id: added.mediaId,
        created_at: Math.floor(added.media.createdAt / 1000),
      })
    }),
  )

  router.get(
    '/media/get',
    authorised((_appId, request, response) => {
      const media = state.media.get(request.query['media_id'])
      if (!media) return 40007
      response.type(media.contentType).send(Buffer.from(media.bytes))
    }),
  )

  router.post(
    '/qrcode/create',
    json,
    authorised((appId, request, response) => {
      const body = readJson(request.body)
      if (!body) return 47001
      const made = state.tickets.create(appId, body)
      if ('errcode' in made) return made.errcode
      response.json({
        ticket: made.ticket,
        ...(made.expiresAt !== undefined && {
          expire_seconds: Math.ceil((made.expiresAt - clock.now()) / 1000),
        }),
        url: made.url,
      })
    }),
  )

  router.get('/showqrcode', async (request, response) => {
    const ticket = state.tickets.get(request.query['ticket'])
    if (!ticket) return void response.status(404).end()
    response.type('png').send(await toBuffer(ticket.url, { width: 430 }))
  })

  return router
}
