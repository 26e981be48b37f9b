import { EventEmitter, once } from 'node:events'
import type { BayId, LockId } from '../../../reference/domain/identifiers.js'
import type { LockReport, OperatorCommand } from '../../../reference/contracts/platform-api.js'
import type { PlantFault } from '../../simulated/lock-plant/plant-faults.js'
import type { Board, BoardObservation } from '../board/board-client.js'
import type { LockKeeper } from '../lock/lock-keeper.js'
import type { PlatformClient } from '../people/platform-client.js'
import { RigFault, RigUnavailable } from '../rig-errors.js'
import type { TcpLink } from '../wires/tcp-link.js'
import { withDeadline } from '../wires/wire-log.js'
import { timeUnlock, type UnlockTime } from './unlock-time.js'
import { ProductFault } from '../../../reference/ports/faults.js'

/** What stands before a lock's camera. */
export interface Easel {
  show(picture: Buffer, device: 'phone' | 'tablet', look?: ShownLook): Promise<void>
  hide(): void
  /** A printed code beside the lens, which stays when devices come and go; undefined takes it away. */
  stick(picture: Buffer | undefined): Promise<void>
}

export interface ShownLook {
  /** A second device, beside the first, shows this. */
  readonly beside?: Buffer
  /** The picture is cropped to the code and lies on a dark page, as viewers in dark mode show it. */
  readonly isDarkMode?: boolean
}

/** The bolt is not where the scenario expects it. */
export class BoltElsewhere extends ProductFault {
  override readonly name = 'BoltElsewhere'
}

/** How long a bolt may take from a command, or a code before the camera, to its end, hardware milliseconds. */
const MOVE_HARDWARE_MS = 12_000
const LOOK_HARDWARE_MS = 25
/** Longer than the lock takes from a decision to the first movement, hardware milliseconds. */
export const SETTLE_HARDWARE_MS = 200
/** A battery is judged after a second of rest; contacts are believed long before. */
const MENDED_HARDWARE_MS = 1_300
/** A lock believes that it is elsewhere after five fixes, one each 200 ms; and as many again bring it home. */
const FIXED_AGAIN_HARDWARE_MS = 1_500
const SCAN_MS = 15_000

/** What a refusal of an order of the baseline says of the platform that sent it, by the lock's reason. */
const REFUSED_ORDER: Readonly<Record<string, string>> = {
  expired:
    "the platform's clock and the lock's differ: name the platform's `clock` in the profile, or set both by NTP",
  'out-of-order': 'a platform that begins to count its commands anew must take another name for `stream`',
  repeated: 'a platform must give each command an `id` of its own',
}

/** The board's end is told by whoever needs it. */
const ignoreEnd = () => undefined

/** The bay with the rig's real board: the lock in it, its surroundings, and what can be measured from outside. */
export class LockStation {
  /** Drives of the bolt that the plant counted when the scenario began. */
  #movesAtStart = 0
  #gpsIsMisplaced = false
  #hasSticker = false

  constructor(
    readonly bay: BayId,
    readonly lockId: LockId,
    private readonly parts: {
      readonly board: Board
      readonly keeper: LockKeeper
      readonly link: TcpLink
      readonly easel: Easel
      readonly operator: PlatformClient
      /** Gets how long each opening took; watching the bolt so closely is for runs that ask for it. */
      readonly unlockTimes?: UnlockTime[]
    },
  ) {}

  /** The bolt as the plant knows it, independent of what the lock says. */
  observe(): Promise<BoardObservation> {
    return this.parts.board.observe()
  }

  /**
   * The verified state that every scenario starts from: board powered, network whole, bay empty, no reservation, bolt
   * up and read back.
   * @throws RigFault
   */
  async toBaseline(): Promise<void> {
    await this.isThere()
    try {
      const { lock } = await this.parts.operator.space(this.bay)
      // What the last scenario did to it must be seen to be over, before it can be taken back.
      if (lock?.faults?.length) await this.isMended()
      await this.isOrdered({ type: 'rearm' })
      await this.isOrdered({ type: 'configure', comparatorReading: 'preset' })
      await this.isOrdered({ type: 'sync' })
    } catch (cause) {
      if (cause instanceof RigFault) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new RigFault(`the lock of ${this.bay} does not come to its baseline: ${reason}`, { cause })
    }
    await this.startFromUp()
  }

  /** The board has power, the network is whole, and the lock runs. @throws RigFault */
  async isThere(): Promise<void> {
    await this.restore()
    await this.parts.keeper.start()
  }

  /** An order of the baseline, which every lock can carry out. @throws RigUnavailable when it does not */
  private async isOrdered(command: OperatorCommand): Promise<void> {
    const { outcome, reason = 'no reason given' } = await this.parts.operator.command(this.lockId, command)
    if (outcome === 'done') return
    throw new RigUnavailable(
      `the lock of ${this.bay} refuses the order ${command.type} of its baseline: ${reason}`,
      REFUSED_ORDER[reason] ?? "see what is wrong with the lock, in the run's log",
    )
  }

  /** Counts the bolt's moves from here. @throws RigFault when it does not stand up */
  async startFromUp(): Promise<void> {
    const { bolt, moves } = await this.observe()
    if (bolt !== 'up')
      throw new RigFault(`the bolt of ${this.bay} stands ${bolt}, not up, before the scenario`)
    this.#movesAtStart = moves
  }

  /** Resolves when the bolt has reached an end. @throws BoltElsewhere after 12 hardware seconds */
  async reaches(end: 'up' | 'down'): Promise<void> {
    let seen = await this.observe()
    const deadline = seen.hardwareMs + MOVE_HARDWARE_MS
    while (seen.bolt !== end) {
      if (seen.hardwareMs > deadline) {
        throw new BoltElsewhere(
          `the bolt of ${this.bay} stands ${seen.bolt}, at ${seen.degrees.toFixed(0)}°, not ${end}`,
        )
      }
      seen = await this.parts.board.hardwareElapsed(LOOK_HARDWARE_MS)
    }
  }

  /**
   * The barrier of "nothing happens": a fence through platform and lock, which everything sent before has passed, and
   * a stretch of hardware time.
   */
  fence(): Promise<LockReport> {
    return this.parts.operator.command(this.lockId, { type: 'report', settleHardwareMs: SETTLE_HARDWARE_MS })
  }

  /** The bolt has not moved since the scenario began. @throws BoltElsewhere */
  async hasStayed(end: 'up' | 'down'): Promise<void> {
    const { bolt, moves, degrees } = await this.observe()
    if (bolt !== end || (end === 'up' && moves !== this.#movesAtStart)) {
      throw new BoltElsewhere(
        `the bolt of ${this.bay} stands ${bolt}, at ${degrees.toFixed(0)}°, after ${moves - this.#movesAtStart} moves; ` +
          `it should have stayed ${end}`,
      )
    }
  }

  /** So much of the board's own time passes. */
  async hardwarePasses(ms: number): Promise<void> {
    await this.parts.board.hardwareElapsed(ms)
  }

  /** Holds a picture before the camera until the scanner has read everything in it. @throws RigTimeout */
  async isShown(picture: Buffer, device: 'phone' | 'tablet', look: ShownLook = {}): Promise<void> {
    const { keeper, easel, board, unlockTimes } = this.parts
    await withDeadline(`the last phone leaving the camera of ${this.bay}`, keeper.nothingInSight(), SCAN_MS)
    const read = this.#hasScanned(look.beside ? 2 : 1)
    await easel.show(picture, device, look)
    // Nobody waits for it: what the scenario does next is its own affair.
    if (unlockTimes) void timeUnlock(board).then((time) => time && unlockTimes.push(time), ignoreEnd)
    try {
      await withDeadline(`the scanner of ${this.bay} reading the phone`, read, SCAN_MS)
    } finally {
      easel.hide()
    }
  }

  async #hasScanned(codes: number): Promise<void> {
    for (let seen = 0; seen < codes; seen++) await once(this.parts.keeper.events as EventEmitter, 'scanned')
  }

  /** A printed code is stuck beside the lens; resolves when the scanner has read it. @throws RigTimeout */
  async isStuckBeside(picture: Buffer): Promise<void> {
    const { keeper, easel } = this.parts
    const read = this.#hasScanned(1)
    this.#hasSticker = true
    await easel.stick(picture)
    await withDeadline(`the scanner of ${this.bay} reading the sticker`, read, SCAN_MS)
    keeper.takeForSurroundings()
  }

  /**
   * Holds one picture after the other before the camera, without a pause between.
   * @param isJudged resolves when the lock has judged the picture that is shown; called before it is
   */
  async areShown(
    pictures: readonly Buffer[],
    device: 'phone' | 'tablet',
    isJudged: () => Promise<unknown>,
  ): Promise<void> {
    try {
      for (const picture of pictures) {
        const judged = isJudged()
        await this.parts.easel.show(picture, device)
        await judged
      }
    } finally {
      this.parts.easel.hide()
    }
  }

  async vehicleArrives(): Promise<void> {
    await this.parts.board.setVehiclePresent(true)
  }

  async vehicleLeaves(): Promise<void> {
    await this.parts.board.setVehiclePresent(false)
  }

  /** The lock loses the platform: its network is gone. */
  loseNetwork(): void {
    this.parts.link.cut()
  }

  regainNetwork(): void {
    this.parts.link.mend()
  }

  /**
   * The board loses its power in the middle of the bolt's next travel; the controller beside it lives on.
   * @throws BoltElsewhere when no travel began
   */
  async losesPowerInTravel(): Promise<void> {
    const { powered, bolt } = await this.parts.board.cutPowerInTravel(MOVE_HARDWARE_MS)
    if (powered) throw new BoltElsewhere(`the bolt of ${this.bay} stays ${bolt}`)
  }

  /** From now on this is wrong with the lock's body. */
  async goesWrong(fault: PlantFault): Promise<void> {
    await this.parts.board.inject(fault)
  }

  /** Nothing is wrong with the lock's body any more, and the lock has had the time to see it. */
  async isMended(): Promise<void> {
    await this.parts.board.mend()
    await this.parts.board.hardwareElapsed(MENDED_HARDWARE_MS)
  }

  /** The lock's GPS unit gives fixes that are so far north of the truth. */
  async misplaceGps(northMetres: number): Promise<void> {
    this.#gpsIsMisplaced = true
    await this.parts.board.inject({ kind: 'gps-jump', northMetres })
  }

  /** The scenario is over: whatever it did to the surroundings is undone, so that the rig can end safely. */
  async restore(): Promise<void> {
    const { board, link, easel } = this.parts
    easel.hide()
    if (this.#hasSticker) await easel.stick(undefined)
    this.#hasSticker = false
    link.mend()
    if (!(await board.observe()).powered) await board.restorePower()
    await board.setVehiclePresent(false)
    await board.mend()
    // Else the lock would tell the next scenario's platform of the wrong place, as the last good fix that it knows.
    if (this.#gpsIsMisplaced) await board.hardwareElapsed(FIXED_AGAIN_HARDWARE_MS)
    this.#gpsIsMisplaced = false
  }

  /** Power is back; resolves when the lock has found its board again. */
  async regainPower(): Promise<void> {
    const ready = once(this.parts.keeper.events as EventEmitter, 'ready')
    await this.parts.board.restorePower()
    await withDeadline('the lock coming back', ready, 40_000)
  }

  /** Battery out, battery in: board and controller lose power at once, and nobody has time to save anything. */
  async swapBattery(): Promise<void> {
    await Promise.all([this.parts.board.cutPower(), this.parts.keeper.kill()])
    await this.parts.board.restorePower()
    await this.parts.keeper.start()
  }
}
