/** One server under measurement in a process of its own, and so on one core: the mock, or a peer on bare Express. */
import { once } from 'node:events'
import { systemClock } from '../../drivers/system-clock/system-clock.js'
import { openWeChat } from '../../bench/parties/open-wechat.js'
import { openBareExpress } from './bare-express.js'
import { ACCOUNT, type Figures, type Order } from './orders.js'

interface Serving {
  readonly url: string
  close(): Promise<void>
}

async function open(order: Order): Promise<Serving> {
  const { kind, mode, callbackUrl } = order
  if (kind !== 'lockstep') return openBareExpress(order)
  const account = { ...ACCOUNT, mode, callbackUrl }
  const runtime = { clock: systemClock, log: () => ({ record: () => undefined }) }
  return openWeChat({ host: '127.0.0.1', port: 0, accounts: [account] }, 'libsql::memory:', runtime)
}

function figures(): Figures {
  const { user, system } = process.cpuUsage()
  globalThis.gc?.()
  return { cpuSeconds: (user + system) / 1_000_000, rssBytes: process.memoryUsage().rss }
}

const [order] = (await once(process, 'message')) as [Order]
const serving = await open(order)
process.on('message', () => process.send?.(figures()))
process.once('disconnect', () => void serving.close())
process.send?.({ url: serving.url })
