/** The process that plays a fleet, so that its processor time and memory are not the parties'. Started by `fleet-child.ts`. */
import type { FromFleet, ToFleet } from './fleet-messages.js'
import { Play } from './play.js'
import { PlayedFleet } from './played-fleet.js'

const PROGRESS_MS = 1_000

const tell = (message: FromFleet) => process.send?.(message)

let fleet: PlayedFleet | undefined
let play: Play | undefined

async function connect(message: Extract<ToFleet, { kind: 'connect' }>): Promise<void> {
  let told = 0
  fleet = await PlayedFleet.connect(message.plan, (counts) => {
    if (performance.now() - told < PROGRESS_MS) return
    told = performance.now()
    tell({ kind: 'connecting', ...counts })
  })
  tell({ kind: 'connected' })
}

async function run(): Promise<void> {
  if (!fleet) throw new Error('a fleet is connected before it is played')
  const playing = new Play(fleet)
  play = playing
  const timer = setInterval(() => tell({ kind: 'progress', progress: playing.progress }), PROGRESS_MS)
  try {
    tell({ kind: 'finished', figures: await playing.run() })
  } finally {
    clearInterval(timer)
  }
}

function fail(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  tell({ kind: 'failed', error: name, message })
}

async function close(): Promise<void> {
  await fleet?.close()
  process.exit(0)
}

process.on('message', (message: ToFleet) => {
  switch (message.kind) {
    case 'connect':
      return void connect(message).catch(fail)
    case 'play':
      return void run().catch(fail)
    case 'stop':
      return play?.stop()
    case 'close':
      return void close().catch(fail)
  }
})
// Whoever started it is gone: nobody is left to hear of the fleet.
process.once('disconnect', () => process.exit(0))
