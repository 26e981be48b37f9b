import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** What somebody who only looks on may do to a socket of the bench: by accident, or not. */
export const ONLOOKERS = {
  connect: (socket: Socket) => void socket.pause(),
  'half a request': (socket: Socket) => void socket.end('{"request":"sta'),
  flood: (socket: Socket) => void socket.write('{"request":"status"}\n'.repeat(5_000)),
  noise: (socket: Socket) => void socket.write(Buffer.alloc(100_000, 0xa5)),
  'close unread': (socket: Socket) => {
    socket.pause().write('{"request":"status"}\n', () => setTimeout(() => socket.destroy(), 20))
  },
  'watch and be killed': (socket: Socket) => {
    socket.pause().write('{"request":"watch"}\n', () => setTimeout(() => socket.resetAndDestroy(), 50))
  },
} as const

export type Onlooker = keyof typeof ONLOOKERS

/** Connects and does it. @returns ends what is left of it */
export function lookOn(onlooker: Onlooker, to: NetConnectOpts): () => void {
  const socket = connect(to)
  socket.on('error', () => socket.destroy())
  socket.once('connect', () => ONLOOKERS[onlooker](socket))
  return () => socket.destroy()
}
