import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { networkInterfaces } from 'node:os'
import { serveHttp } from '../../../reference/http/serve-http.js'
import { sameSecret } from '../../../reference/same-secret.js'
import { RigFault } from '../rig-errors.js'
import type { Easel, ShownLook } from '../stage/lock-station.js'
import { composeScreen } from './compose-screen.js'
import { SCREEN_PAGE } from './screen-page.js'
import type { ScreenSettings } from './screen-settings.js'

export interface ScreenEasel extends Easel {
  /** What the device before the camera has to open. */
  readonly url: string
  close(): Promise<void>
}

/** Nobody has the page open, so that nothing can be shown to the camera. */
export class NoScreen extends RigFault {
  override readonly name = 'NoScreen'
  constructor(url: string, waitedMs: number) {
    super(
      `no device has shown the code within ${waitedMs} ms\n` +
        `  To mend it: open ${url} on a phone or tablet that stands before the camera, and leave it open`,
    )
  }
}

/** A page asks again after so long, wall milliseconds: less than what proxies and phones allow a request. */
const POLL_MS = 20_000

/**
 * A phone or tablet before a real camera, whose browser has our page open: the bench shows codes on it.
 * @param shownWithinMs how long `show` waits for a device, wall milliseconds
 * @throws CannotListen
 */
export async function startScreenEasel(
  { host = '127.0.0.1', port = 0, key = randomBytes(16).toString('hex') }: ScreenSettings = {},
  shownWithinMs = 15_000,
): Promise<ScreenEasel> {
  // Ever growing, over restarts too: a page that stays open asks for what comes after the last that it has shown.
  let turn = Date.now()
  let picture: Buffer | undefined
  let held: (ShownLook & { readonly picture: Buffer }) | undefined
  let sticker: Buffer | undefined
  let stickerAlone: Buffer | undefined
  const polls = new Set<() => void>()
  const shown = new Map<number, () => void>()

  function change(to: Buffer | undefined): void {
    turn++
    picture = to
    for (const poll of [...polls]) poll()
  }

  function answerPoll(request: IncomingMessage, response: ServerResponse, after: number): void {
    const answer = () => {
      clearTimeout(timer)
      polls.delete(answer)
      if (response.destroyed) return
      if (turn <= after) response.writeHead(204).end()
      else json(response, { turn, shows: picture !== undefined })
    }
    const timer = setTimeout(answer, POLL_MS)
    request.once('close', () => response.writableEnded || answer())
    polls.add(answer)
    if (turn > after) answer()
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://screen')
    const [, given = '', what = '', number = ''] = pathname.split('/')
    response.setHeader('cache-control', 'no-store')
    request.resume()
    const isGet = request.method === 'GET'
    if (!sameSecret(given, key)) response.writeHead(404).end()
    else if (isGet && what === '') response.writeHead(200, { 'content-type': 'text/html' }).end(SCREEN_PAGE)
    else if (isGet && what === 'next') answerPoll(request, response, Number(searchParams.get('after')) || 0)
    else if (isGet && what === 'picture' && Number(number) === turn && picture)
      response.writeHead(200, { 'content-type': 'image/png' }).end(picture)
    else if (request.method === 'POST' && what === 'shown') {
      shown.get(Number(number))?.()
      response.writeHead(204).end()
    } else response.writeHead(404).end()
  }

  const server = await serveHttp(handle, { host, port })
  const url = `${reachable(server.url, host)}/${key}/`
  return {
    url,
    show: async (png, _device, look = {}) => {
      held = { ...look, picture: png }
      change(await composeScreen(held, sticker))
      const mine = turn
      let timer: NodeJS.Timeout | undefined
      try {
        await new Promise<void>((resolve, reject) => {
          shown.set(mine, resolve)
          timer = setTimeout(() => reject(new NoScreen(url, shownWithinMs)), shownWithinMs)
        })
      } finally {
        clearTimeout(timer)
        shown.delete(mine)
      }
    },
    hide: () => {
      if (held === undefined) return
      held = undefined
      change(stickerAlone)
    },
    stick: async (png) => {
      sticker = png
      stickerAlone = await composeScreen(undefined, sticker)
      change(await composeScreen(held, sticker))
    },
    close: async () => {
      for (const poll of [...polls]) poll()
      await server.close()
    },
  }
}

/** A server that listens on every address: under which of them another device reaches it. */
export function reachable(url: string, host: string, interfaces = networkInterfaces()): string {
  if (host !== '0.0.0.0' && host !== '::') return url
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? [])
  const outside = all.find(({ internal, family }) => !internal && family === 'IPv4')
  return outside ? url.replace('127.0.0.1', outside.address) : url
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
