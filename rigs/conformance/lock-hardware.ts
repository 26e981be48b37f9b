import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import {
  CutOffLatched,
  HardwareGone,
  type BoltTarget,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../../reference/ports/lock-hardware.js'

/** A lock's body under test, with the hands that a person at the bench would have. Its bolt stands up at first. */
export interface LockRig {
  readonly hardware: LockHardware
  setVehiclePresent(present: boolean): void | Promise<unknown>
  /** Opens or closes the housing. */
  setTampered(tampered: boolean): void | Promise<unknown>
  /** Puts an obstacle in the middle of the bolt's way, or takes it away; without it, cases that need one are skipped. */
  readonly setObstacle?: (present: boolean) => void | Promise<unknown>
  /** Nothing that the host says reaches the board any more, and its bolt is slow; or all is well again; likewise. */
  readonly muteHost?: (muted: boolean) => void | Promise<unknown>
  /** Takes the hardware away from the driver. */
  lose(): void | Promise<unknown>
  close(): Promise<void>
}

/** A travel, a release or a reading that takes longer counts as failed, hardware milliseconds. */
const PATIENCE_MS = 3_000
const NO_CURRENT_AMPS = 0.1

/** What the issue allows the board's own protections, hardware milliseconds; a sample is 10 and a relay opens in 4. */
const JAM_CUT_MS = 100
const HEARTBEAT_CUT_MS = 500
const SEEN_LATER_MS = 50

/** Wall milliseconds after which a rig that has stopped counts as failed; never the measure of a passing test. */
const STUCK_MS = 120_000

/**
 * What every driver of `LockHardware` must do. Judged in hardware time only.
 * @param makeRig called once; the tests share the rig, and the last one loses it
 */
export function lockHardwareConformance(name: string, makeRig: () => Promise<LockRig>): void {
  describe(`${name} is lock hardware`, { timeout: STUCK_MS }, () => {
    let rig: LockRig
    before(async () => {
      rig = await makeRig()
    })
    after(async () => rig?.close())

    const seen = (what: string, isSeen: (sample: HardwareSample) => boolean) =>
      awaitSample(rig.hardware, what, isSeen)

    async function travel(target: BoltTarget): Promise<void> {
      rig.hardware.drive(target)
      await seen('supply', (sample) => sample.actuatorSupplied)
      const atTheLimit = await seen(`the bolt ${target}`, (sample) =>
        target === 'up' ? sample.limitUp : sample.limitDown,
      )
      assert.equal(target === 'up' ? atTheLimit.limitDown : atTheLimit.limitUp, false)
      rig.hardware.release()
      await seen(
        'no supply',
        (sample) => !sample.actuatorSupplied && sample.motorCurrentAmps < NO_CURRENT_AMPS,
      )
    }

    async function staysWithoutSupply(t: TestContext): Promise<void> {
      const from = rig.hardware.sample.hardwareMs
      const off = rig.hardware.onSample(({ actuatorSupplied }) => assert.equal(actuatorSupplied, false))
      t.after(off)
      await seen('some rest', ({ hardwareMs }) => hardwareMs >= from + 300)
      off()
    }

    it('says what it is', () => {
      assert.notEqual(rig.hardware.identity.board, '')
      assert.notEqual(rig.hardware.identity.firmware, '')
    })

    it('samples at least 50 times a hardware second, with a time that rises', async () => {
      const first = rig.hardware.sample.hardwareMs
      const times: number[] = []
      const unsubscribe = rig.hardware.onSample(({ hardwareMs }) => times.push(hardwareMs))
      await seen('half a second', ({ hardwareMs }) => hardwareMs >= first + 500)
      unsubscribe()
      assert.ok(times.length >= 25, `${times.length} samples in 500 ms`)
      assert.ok(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0)))
    })

    it('rests without supply or current, with a charged battery', async () => {
      const sample = await seen('rest', ({ limitUp }) => limitUp)
      assert.equal(sample.actuatorSupplied, false)
      assert.ok(sample.motorCurrentAmps < NO_CURRENT_AMPS)
      assert.ok(sample.batteryVolts > 6)
    })

    it('drives the bolt down, up, and down again', async () => {
      await travel('down')
      await travel('up')
      await travel('down')
    })

    it('draws current while it drives', async () => {
      rig.hardware.drive('up')
      const moving = await seen('current', (sample) => sample.motorCurrentAmps > 0.2)
      assert.equal(moving.actuatorSupplied, true)
      await seen('the bolt up', (sample) => sample.limitUp)
      rig.hardware.release()
    })

    it('cuts the supply in mid-travel, and takes up the travel again', async () => {
      rig.hardware.drive('down')
      await seen('the bolt between', (sample) => !sample.limitUp && !sample.limitDown)
      rig.hardware.release()
      await seen(
        'no supply',
        (sample) => !sample.actuatorSupplied && sample.motorCurrentAmps < NO_CURRENT_AMPS,
      )
      const stopped = rig.hardware.sample.hardwareMs
      const later = await seen('some rest', ({ hardwareMs }) => hardwareMs >= stopped + 300)
      assert.equal(later.limitDown, false)
      await travel('down')
    })

    it('takes a release without a drive, and a repeated drive', async () => {
      rig.hardware.release()
      rig.hardware.drive('up')
      rig.hardware.drive('up')
      await seen('the bolt up', (sample) => sample.limitUp)
      rig.hardware.release()
      rig.hardware.release()
      await seen('no supply', (sample) => !sample.actuatorSupplied)
    })

    it('sees a vehicle come and go', async () => {
      assert.equal(rig.hardware.sample.vehiclePresent, false)
      await rig.setVehiclePresent(true)
      await seen('a vehicle', (sample) => sample.vehiclePresent)
      await rig.setVehiclePresent(false)
      await seen('no vehicle', (sample) => !sample.vehiclePresent)
    })

    it('sees the housing opened and closed', async () => {
      await seen('a closed housing', (sample) => !sample.tampered)
      await rig.setTampered(true)
      await seen('an open housing', (sample) => sample.tampered)
      await rig.setTampered(false)
      await seen('the housing closed again', (sample) => !sample.tampered)
    })

    it('tells which sources its firmware is built from, and what it started from', (t) => {
      const { sourceSha256, resetCause } = rig.hardware.identity
      if (sourceSha256 === undefined) return t.skip('the firmware reports no sources')
      assert.match(sourceSha256, /^[0-9a-f]{64}$/)
      assert.ok(resetCause)
    })

    it('cuts the power of a jammed bolt by itself, and moves nothing until it is rearmed', async (t) => {
      const { hardware, setObstacle } = rig
      if (!hardware.rearm) return t.skip('the driver has no protections')
      if (!setObstacle) return t.skip('the rig cannot jam the bolt')
      await setObstacle(true)
      hardware.drive('down')
      const stalled = await seen(
        'a stall',
        ({ motorCurrentAmps, limitUp }) => motorCurrentAmps > 2 && !limitUp,
      )
      const cut = await seen('the cut', ({ actuatorSupplied }) => !actuatorSupplied)
      assertWithin(cut.hardwareMs - stalled.hardwareMs, JAM_CUT_MS)
      await seen('its cause', ({ cutOff }) => cutOff === 'over-current')
      assert.throws(() => hardware.drive('up'), CutOffLatched)
      hardware.release()
      await staysWithoutSupply(t)
      await setObstacle(false)
      hardware.rearm()
      assert.equal(hardware.sample.cutOff, undefined)
      await travel('up')
    })

    it('cuts the power when its host falls silent, and stays cut when the host speaks again', async (t) => {
      const { hardware, muteHost } = rig
      if (!hardware.rearm) return t.skip('the driver has no protections')
      if (!muteHost) return t.skip('the rig cannot mute the host')
      await travel('up')
      hardware.drive('down')
      await seen('supply', ({ actuatorSupplied }) => actuatorSupplied)
      await muteHost(true)
      const mutedAtMs = hardware.sample.hardwareMs
      const cut = await seen('the cut', ({ actuatorSupplied }) => !actuatorSupplied)
      assertWithin(cut.hardwareMs - mutedAtMs, HEARTBEAT_CUT_MS + SEEN_LATER_MS)
      await muteHost(false)
      await seen('its cause', ({ cutOff }) => cutOff === 'heartbeat-lost')
      assert.throws(() => hardware.drive('down'), CutOffLatched)
      hardware.rearm()
      await travel('down')
      await travel('up')
    })

    it('lets go by itself of a bolt that has arrived, without a fault', async (t) => {
      const { hardware } = rig
      if (!hardware.rearm) return t.skip('the driver has no protections')
      hardware.drive('down')
      await seen('the bolt down', ({ limitDown }) => limitDown)
      const later = await seen('no supply', ({ actuatorSupplied }) => !actuatorSupplied)
      assert.equal(later.cutOff, undefined)
      await travel('up')
    })

    it('says once that the hardware is lost, and refuses every later command', async () => {
      const losses: HardwareLoss[] = []
      const lost = new Promise<void>((resolve) =>
        rig.hardware.onLost((loss) => {
          losses.push(loss)
          resolve()
        }),
      )
      await rig.lose()
      await lost
      assert.throws(() => rig.hardware.drive('up'), HardwareGone)
      assert.throws(() => rig.hardware.release(), HardwareGone)
      await rig.hardware.close()
      await rig.hardware.close()
      assert.equal(losses.length, 1)
    })
  })
}

function assertWithin(tookMs: number, limitMs: number): void {
  assert.ok(tookMs <= limitMs, `${tookMs} hardware ms, at most ${limitMs}`)
}

/** The first sample, from now on, that shows it. @throws Error when PATIENCE_MS of hardware time go by before */
export function awaitSample(
  hardware: LockHardware,
  what: string,
  isSeen: (sample: HardwareSample) => boolean,
): Promise<HardwareSample> {
  const started = hardware.sample.hardwareMs
  return new Promise((resolve, reject) => {
    const stop = () => {
      offSample()
      offLost()
    }
    const offSample = hardware.onSample((sample) => {
      if (isSeen(sample)) {
        stop()
        resolve(sample)
      } else if (sample.hardwareMs > started + PATIENCE_MS) {
        stop()
        reject(
          new Error(`${what} was not seen in ${PATIENCE_MS} hardware ms; last: ${JSON.stringify(sample)}`),
        )
      }
    })
    const offLost = hardware.onLost((loss) => {
      stop()
      reject(new Error(`the hardware was lost (${loss}) before ${what} was seen`))
    })
  })
}
