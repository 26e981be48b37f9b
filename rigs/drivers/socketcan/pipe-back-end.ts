import { randomInt } from 'node:crypto'
import { BoundChild, type ChildEnd } from './bound-child.js'
import { candumpFilters } from './candump-filters.js'
import { CandumpStream } from './candump-stream.js'
import { FramePlayer } from './frame-player.js'
import type { KernelFrame } from './kernel-frame.js'
import { interfaceTrouble } from './interface-state.js'
import { landmark, readMatches, type ListedFilter } from './receive-list.js'
import { OwnEcho } from './own-echo.js'
import { BackEndRefused, echoesAtOnce, type BackEnd, type BackEndSettings } from './worker-protocol.js'

/** The kernel's buffer that candump asks for, bytes: what it gets without CAP_NET_ADMIN is net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 8 * 1_024 * 1_024
/** How long candump may take until its socket listens; emulated processors are slow. */
const LISTENING_MS = 60_000
/** How often the kernel is asked whether it does. */
const LOOK_MS = 2

const filterText = ({ id, mask }: ListedFilter) => `${id.toString(16)}:${mask.toString(16)}`.toUpperCase()

function refusal({ how, stderr }: ChildEnd) {
  const said = stderr || how
  if (/Address family not supported/.test(said)) {
    return new BackEndRefused({
      reason: 'no-af-can',
      problem: `this kernel has no CAN (${said})`,
      mend: 'modprobe can-raw, or use a kernel with CONFIG_CAN_RAW',
    })
  }
  if (/not permitted|Permission denied/.test(said)) {
    return new BackEndRefused({
      reason: 'no-permission',
      problem: `the kernel refuses a CAN socket (${said})`,
      mend: 'Let this user, container or sandbox open AF_CAN sockets',
    })
  }
  return new BackEndRefused({
    reason: 'no-back-end',
    problem: `candump does not start (${said})`,
    mend: 'Reinstall can-utils: apt-get install --reinstall can-utils',
  })
}

/** Resolves once the kernel lists candump's socket: from then on no frame passes it by. */
async function untilListening(candump: BoundChild, mark: ListedFilter, networkInterface: string) {
  let end: ChildEnd | undefined
  void candump.ended.then((ended) => (end = ended))
  const deadline = Date.now() + LISTENING_MS
  for (;;) {
    if (end) throw refusal(end)
    if (readMatches([mark], networkInterface) !== undefined) return
    if (Date.now() > deadline) {
      await candump.kill()
      throw refusal({
        how: `its socket is not listed under /proc/net/can after ${LISTENING_MS} ms`,
        stderr: '',
      })
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/**
 * The back end of two children: candump (`-L` log lines, `-d` the kernel's count of dropped frames, `-x` who sent) and
 * canplayer.
 * @throws BackEndRefused
 */
export async function openPipe(settings: BackEndSettings): Promise<BackEnd> {
  const { interface: canInterface, filters, intake, fault } = settings
  const { name } = canInterface
  const atOnce = echoesAtOnce(canInterface)
  // The echoes of a real interface pace the sender, so none of them may be filtered out by the kernel.
  const kernelFilters = candumpFilters(atOnce ? filters : undefined)
  const isEchoed = (frame: KernelFrame) => !atOnce || intake.wants(frame)
  const echo = new OwnEcho(intake, {
    atOnce,
    unwantedToo: !atOnce && filters !== undefined,
    silentDrops: false,
  })
  let queueMoved = () => {}
  let closed = false
  const ended = (how: string) => {
    if (!closed) fault(interfaceTrouble(canInterface) ?? how)
  }
  const stream = new CandumpStream({
    frame: (frame, direction) => {
      if (echo.heard(frame, direction !== 'R')) queueMoved()
    },
    dropped: (frames) => echo.dropped(frames),
    unreadable: (line) => ended(`candump wrote what no candump is known to write: ${JSON.stringify(line)}`),
  })

  const mark = landmark(randomInt(1, 0x1fffffff))
  const candump = new BoundChild('candump', [
    ...['-L', '-d', '-x', '-r', String(RECEIVE_BUFFER_BYTES)],
    [name, ...kernelFilters, filterText(mark), '#FFFFFFFF'].join(','),
  ])
  candump.process.stdout.on('data', (chunk: Buffer) => stream.push(chunk))
  await untilListening(candump, mark, name)
  void candump.ended.then(({ how, stderr }) => ended(`candump ended: ${stderr || how}`))

  const player = new FramePlayer(name, {
    mayHandOver: () => atOnce || echo.underWay < Math.max(1, canInterface.sendQueueLength),
    handedOver: (frame) => {
      if (isEchoed(frame)) echo.sent(frame)
    },
    takenBack: (frames) => echo.unsent(frames.filter(isEchoed).length),
    sent: (frames) => intake.sent(frames),
    ended,
  })
  queueMoved = () => player.queueMoved()
  return {
    send: (frames) => player.send(frames),
    close: async () => {
      closed = true
      echo.close()
      await Promise.all([player.close(), candump.kill()])
    },
  }
}
