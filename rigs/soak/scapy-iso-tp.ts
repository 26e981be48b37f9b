import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readLines } from '../../reference/read-lines.js'
import type { CanLine, ReceivedCanFrame } from '../../reference/ports/can-bus.js'

/** scapy's ISO-TP with its frames on standard input and output: `f ID DATA`, and messages: `m DATA`. */
const PROGRAM = `
import queue, sys, threading
from scapy.layers.can import CAN
from scapy.contrib.isotp import ISOTP, ISOTPSoftSocket

class Line:
    closed = False
    def __init__(self):
        self.frames = queue.Queue()
    def select(self, sockets, remain=None):
        return [self] if not self.frames.empty() else []
    def recv(self, size=0):
        return self.frames.get()
    def send(self, frame):
        say('f %x %s' % (frame.identifier, bytes(frame.data).hex()))

lock = threading.Lock()
def say(text):
    with lock:
        sys.stdout.write(text + '\\n')
        sys.stdout.flush()

settings = eval(sys.argv[1], {})
line = Line()
socket = ISOTPSoftSocket(line, **settings)
def hear():
    while True:
        message = socket.recv()
        if message is not None:
            say('m ' + bytes(message.data).hex())
threading.Thread(target=hear, daemon=True).start()
say('ready')
for text in sys.stdin:
    kind, *rest = text.split()
    if kind == 'f':
        line.frames.put(CAN(identifier=int(rest[0], 16), data=bytes.fromhex(rest[1])))
    else:
        socket.send(ISOTP(bytes.fromhex(rest[0])))
import os
os._exit(0)
`

export interface ScapySettings {
  readonly tx_id: number
  readonly rx_id: number
  readonly ext_address?: number
  readonly rx_ext_address?: number
  readonly bs?: number
  /** The byte as it is on the wire. */
  readonly stmin?: number
  readonly padding?: boolean
}

export interface ScapyIsoTp {
  /** The line between scapy and us. */
  readonly line: CanLine
  send(payload: Uint8Array): void
  nextMessage(): Promise<Uint8Array>
  close(): Promise<void>
}

const pythonText = (settings: ScapySettings) =>
  JSON.stringify(settings).replaceAll('true', 'True').replaceAll('false', 'False')

/**
 * Starts Debian's python3-scapy: an ISO-TP that others wrote, classic frames, normal and extended addressing.
 * @throws Error with what it printed when it does not start
 */
export async function startScapyIsoTp(settings: ScapySettings): Promise<ScapyIsoTp> {
  const child = spawn('/usr/bin/python3', ['-c', PROGRAM, pythonText(settings)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const listeners = new Set<(frame: ReceivedCanFrame) => void>()
  const awaited: ((payload: Uint8Array) => void)[] = []
  const exited = once(child, 'close')
  const take = (text: string) => {
    const [kind, first = '', second = ''] = text.split(' ')
    const bytes = new Uint8Array(Buffer.from(kind === 'f' ? second : first, 'hex'))
    if (kind === 'm') return awaited.shift()?.(bytes)
    for (const listener of [...listeners]) {
      listener({ id: parseInt(first, 16), extended: false, data: bytes, timestampUs: 0 })
    }
  }
  let isReady = false
  const ready = new Promise<void>((resolve) => {
    readLines(child.stdout, (text) => {
      if (isReady) return take(text)
      isReady = true
      resolve()
    })
  })
  await Promise.race([
    ready,
    exited.then(() => {
      throw new Error(`python3-scapy did not start; apt-get install python3-scapy: ${complaints}`)
    }),
  ])
  const tell = (text: string) => child.stdin.write(`${text}\n`)
  return {
    line: {
      send: async ({ id, data }) => void tell(`f ${id.toString(16)} ${Buffer.from(data).toString('hex')}`),
      onFrame(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    send: (payload) => void tell(`m ${Buffer.from(payload).toString('hex')}`),
    nextMessage: () => new Promise((resolve) => awaited.push(resolve)),
    async close() {
      child.stdin.end()
      await exited
    },
  }
}
