import { onLastResort } from '../child-process/last-resort.js'
import type { BoardReport, BoardRequest, BoardSettings } from './board-messages.js'
import { VirtualBoard } from './virtual-board.js'
import { recordFault } from '../../../reference/ports/fault-record.js'

/**
 * The board as a process of its own: like a board on a bench it goes on when the runner dies. Only once the runner and
 * whoever held its serial line are gone does it end, so that the trace shows how it was left.
 */
const LINGER_HARDWARE_MS = 1_000
const LINGER_AT_MOST_MS = 2_000

/** However long somebody holds the line: nothing of a dead run stays for 5 s. */
const ORPHANED_AT_MOST_MS = 4_500

const settings = JSON.parse(process.argv[2] ?? '{}') as BoardSettings

function report(message: BoardReport): void {
  if (process.connected) process.send?.(message, () => {})
}

let orphaned = false
let leaving = false
let broken = false

async function leave(board: VirtualBoard): Promise<void> {
  if (leaving) return
  leaving = true
  await board.close()
  process.exit(broken ? 1 : 0)
}

function leaveWhenUnused(board: VirtualBoard): void {
  if (!orphaned || board.uart.taken) return
  setTimeout(() => void leave(board), LINGER_AT_MOST_MS)
  void board.elapsed(LINGER_HARDWARE_MS).then(() => leave(board))
}

function serve(board: VirtualBoard): void {
  // A board that breaks goes dark: without power its relay opens, and the trace says so.
  onLastResort(() => {
    broken = true
    board.powerOff()
    void leave(board)
    setTimeout(() => process.exit(1), LINGER_AT_MOST_MS)
  })
  process.on('message', (request: BoardRequest) => {
    if (request.command.type === 'close') {
      void leave(board)
      return
    }
    void board.execute(request.command).then((observation) => {
      report({ type: 'answer', id: request.id, observation })
    })
  })
  process.on('disconnect', () => {
    orphaned = true
    setTimeout(() => void leave(board), ORPHANED_AT_MOST_MS)
    leaveWhenUnused(board)
  })
  if (!process.connected) process.emit('disconnect')
}

try {
  const board: VirtualBoard = await VirtualBoard.start(settings, () => leaveWhenUnused(board))
  serve(board)
  report({ type: 'ready', ready: board.ready })
} catch (error) {
  report({ type: 'failed', fault: recordFault(error) })
  process.exitCode = 1
  process.disconnect?.()
}
