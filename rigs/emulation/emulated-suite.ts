/**
 * `npm run test:emulated`: conformance and interoperability on two SJA1000 controllers that QEMU emulates, on one bus
 * at 500 kbit/s, behind a real kernel's driver, and against that kernel's own ISO-TP; and the lock's board behind an
 * FTDI adapter, with the kernel's driver for that; and a camera of the kernel's own (vivid). `npm run test:emulated -- arduino` runs the tests of that word only.
 */
import { packageRoot } from '../../reference/package-root.js'
import { MissingDebianPackages, requireDebianPackages } from './debian-packages.js'
import { GuestFailed } from './guest-console.js'
import { findGuestKernel, NoGuestKernel } from './guest-kernel.js'
import { kernelEnvironment, kernelJob } from './kernel-environment.js'
import { plugInBoard } from './plugged-board.js'
import { runInQemu } from './qemu.js'
import { vividSetUp } from './vivid.js'

const DEADLINE_MS = 25 * 60_000
const BITRATE = 500_000
const INTERFACES = ['can0', 'can1']
/** Frames that the kernel keeps for the wire; its default of 10 is a tenth of an ISO-TP message. */
const QUEUE_FRAMES = 1_000
/**
 * QEMU's bus has no bit timing: it passes frames on as fast as they come, and overruns the controllers, which have room
 * for five. A token bucket before each lets out 500 frames a second, of 16 bytes each in the kernel: what a processor
 * that is emulated can fetch in time, also on a busy machine.
 */
const PACE = `tbf rate ${500 * 16 * 8}bit burst 32 limit ${QUEUE_FRAMES * 16}`
const say = (line: string) => process.stdout.write(`${line}\n`)

try {
  say(
    'test:emulated: booting QEMU with two SJA1000 controllers on one bus, the lock behind an FTDI adapter, and a camera',
  )
  requireDebianPackages('the tests of cameras', [
    { command: 'v4l2-ctl', package: 'v4l-utils' },
    { command: 'ffmpeg', package: 'ffmpeg' },
    { command: 'setpriv', package: 'util-linux' },
  ])
  const plugged = await plugInBoard()
  const { exitCode, bootSeconds, jobSeconds, haltSeconds } = await runInQemu(
    {
      command: kernelJob('emulated', process.argv[2]),
      folder: packageRoot,
      environment: {
        ...kernelEnvironment(INTERFACES),
        LOCKSTEP_REQUIRE_ISOTP: '1',
        // QEMU 7.2's controller writes the data that a remote request asks for into its receive buffer, and reads it
        // back as the next frame: can-utils alone show it (cansend can0 321#R4, then any frame, candump can1).
        LOCKSTEP_CAN_REMOTE_LENGTHS: '0',
      },
      writable: [],
      setUp: [
        ...INTERFACES.flatMap((name) => [
          `ip link set ${name} up txqueuelen ${QUEUE_FRAMES} type can bitrate ${BITRATE}`,
          `tc qdisc replace dev ${name} root ${PACE}`,
        ]),
        ...vividSetUp(findGuestKernel()),
      ],
    },
    DEADLINE_MS,
    say,
    plugged.adapters,
  ).finally(() => plugged.close())
  say(
    `test:emulated: boot ${bootSeconds.toFixed(1)} s, suite ${jobSeconds.toFixed(1)} s, halt ${haltSeconds.toFixed(1)} s`,
  )
  process.exitCode = exitCode
} catch (error) {
  const known = [MissingDebianPackages, NoGuestKernel, GuestFailed].some((kind) => error instanceof kind)
  if (!known) throw error
  process.stderr.write(`test:emulated: ${(error as Error).name}: ${(error as Error).message}\n`)
  process.exitCode = 3
}
