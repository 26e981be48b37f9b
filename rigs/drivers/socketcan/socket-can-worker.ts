/** The thread that does all the input and output of one SocketCAN node. */
import { parentPort, workerData } from 'node:worker_threads'
import { FrameRing } from './frame-ring.js'
import { unpackFrames } from './frame-record.js'
import { Intake } from './intake.js'
import { watchInterface } from './interface-state.js'
import { openNative } from './native-back-end.js'
import { openPipe } from './pipe-back-end.js'
import {
  BackEndRefused,
  type WorkerAnswer,
  type WorkerRequest,
  type WorkerSettings,
} from './worker-protocol.js'

const settings = workerData as WorkerSettings
const { backEnd: kind, interface: canInterface, filters } = settings
const port = parentPort
if (!port) throw new Error('this module is the worker thread of openSocketCan')
const say = (answer: WorkerAnswer) => port.postMessage(answer)

const intake = new Intake(new FrameRing(settings.ring), filters, settings.receiveOwn, () =>
  say({ kind: 'wake' }),
)
let faulty = false
const fault = (problem: string) => {
  if (faulty) return
  faulty = true
  say({ kind: 'fault', problem })
}

try {
  const open = kind === 'native' ? openNative : openPipe
  const backEnd = await open({ interface: canInterface, filters, intake, fault })
  const unwatch = watchInterface(canInterface, fault)
  port.on('message', (request: WorkerRequest) => {
    if (request.kind === 'send') {
      if (!faulty) backEnd.send(unpackFrames(request.frames))
      return
    }
    unwatch()
    void backEnd.close().then(() => port.close())
  })
  say({ kind: 'ready' })
} catch (error) {
  if (!(error instanceof BackEndRefused)) throw error
  say({ kind: 'refused', refusal: error.refusal })
  port.close()
}
