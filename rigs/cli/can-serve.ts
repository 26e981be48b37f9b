import { parseCanUrl } from '../../reference/can/can-url.js'
import type { OpenServedBus, SocketcandServer } from '../drivers/socketcand/serve-socketcand.js'
import { channelOfBus, wholeFlag } from './can-flags.js'
import { onBus, type CanIo } from './can-io.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

export interface CanServeFlags {
  readonly bus: string
  readonly port?: string
  readonly host?: string
  readonly name?: string
}

const SOCKETCAND_PORT = 29_536
const LAST_PORT = 65_535
/** What a `socketcand://` URL can name. */
const BUS_NAME = /^[^\s/:<>]{1,15}$/

/**
 * Lends a bus over TCP as socketcand does, until it is stopped; prints one line of JSON with the URL when ready.
 * @returns the exit code
 * @throws UsageError, CanBusUnavailable, CanBusFault
 */
export async function canServe(flags: CanServeFlags, io: CanIo): Promise<number> {
  const port = flags.port === '0' ? 0 : (wholeFlag('--port', flags.port) ?? SOCKETCAND_PORT)
  if (port > LAST_PORT) throw new UsageError(`--port ${port} is not 0…${LAST_PORT}`)
  const name = flags.name ?? channelOfBus(flags.bus)
  if (!BUS_NAME.test(name)) throw new UsageError(`--name ${JSON.stringify(name)} is no name of an interface`)
  const { serveSocketcand } = await import('../drivers/socketcand/serve-socketcand.js')
  return onBus(await io.openBus(flags.bus), async (bus) => {
    const ended = new Promise<void>((resolve, reject) => {
      bus.onFault(reject)
      io.stop.addEventListener('abort', () => resolve(), { once: true })
      if (io.stop.aborted) resolve()
    })
    // A memory bus has no nodes but those of this process: each client is one, and the one that is open acknowledges.
    const joinEach: OpenServedBus = async (asked, options) =>
      asked === name ? io.openBus(flags.bus, options) : undefined
    const server: SocketcandServer = await serveSocketcand({
      port,
      buses: parseCanUrl(flags.bus).scheme === 'memory' ? joinEach : new Map([[name, bus]]),
      ...(flags.host === undefined ? {} : { host: flags.host }),
    })
    try {
      const host = server.host.includes(':') ? `[${server.host}]` : server.host
      const url = `socketcand://${host}:${server.port}/${name}`
      io.out(`${JSON.stringify({ url, bus: flags.bus, backEnd: bus.features.backEnd })}\n`)
      await ended
      return EXIT.passed
    } finally {
      await server.close()
    }
  })
}
