import type { Command, Option } from 'commander'
import type { LockFlags } from './lock-command.js'
import type { DoctorFlags } from './doctor-command.js'
import type { LockServeFlags } from './lock-serve.js'

const JSON_FLAG = ['--json', 'one JSON document on stdout'] as const

/** Adds `lock` with its commands, `safe` and `doctor`. Their modules are loaded when they are asked for. */
export function addLockCommands(program: Command, rigOption: () => Option): Command {
  const lock = program.command('lock').description("move and watch a rig's lock, without its parties")

  for (const target of ['up', 'down'] as const) {
    lock
      .command(target)
      .description(
        `${target === 'up' ? 'raise' : 'lower'} the bolt by the lock's rules, then take its power away`,
      )
      .addOption(rigOption())
      .option(...JSON_FLAG)
      .action(async (flags: LockFlags) => {
        const [{ lockMove }, { processIo }] = await Promise.all([
          import('./lock-command.js'),
          import('./can-io.js'),
        ])
        process.exitCode = await lockMove(target, flags, processIo())
      })
  }

  lock
    .command('status')
    .description('what the sensors say; of a running bench without disturbing it')
    .addOption(rigOption())
    .option(...JSON_FLAG)
    .action(async (flags: LockFlags) => {
      const [{ lockStatus }, { processIo }] = await Promise.all([
        import('./lock-command.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await lockStatus(flags, processIo())
    })

  lock
    .command('rearm')
    .description("lift a cut-off that the lock's board has latched, once its cause is mended; moves nothing")
    .addOption(rigOption())
    .option(...JSON_FLAG)
    .action(async (flags: LockFlags) => {
      const [{ lockRearm }, { processIo }] = await Promise.all([
        import('./lock-command.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await lockRearm(flags, processIo())
    })

  lock
    .command('watch')
    .description('a line at each change of the sensors, until SIGINT or until nobody reads')
    .addOption(rigOption())
    .option('--json', 'one JSON document a line')
    .action(async (flags: LockFlags) => {
      const [{ lockWatch }, { processIo }] = await Promise.all([
        import('./lock-command.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await lockWatch(flags, processIo())
    })

  lock
    .command('serve')
    .description('a virtual board as a serial port for other programs; prints one JSON line when ready')
    .requiredOption('--pty <path>', 'where the serial port appears, e.g. ./uno')
    .option('--rig <rig>', 'a virtual rig, for its firmware and speed', 'virtual')
    .option('--firmware <name>', "standard-firmata or lockstep (default: the rig's)")
    .action(async (flags: LockServeFlags) => {
      const [{ lockServe }, { processIo }] = await Promise.all([
        import('./lock-serve.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await lockServe(flags, processIo())
    })

  program
    .command('safe')
    .description(
      "take the power of a rig's actuator away, and read that back; exit 4 when it cannot be confirmed",
    )
    .addOption(rigOption())
    .option(...JSON_FLAG)
    .action(async (flags: LockFlags) => {
      const [{ makeRigSafe }, { processIo }] = await Promise.all([
        import('./safe-command.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await makeRigSafe(flags, processIo())
    })

  program
    .command('doctor')
    .description(
      "walk through a rig's camera and lock: frames, health, target card; each switch, relay, current, travel, firmware and latency, with limits",
    )
    .addOption(rigOption())
    .option(
      '--calibrate',
      "measure the camera at the target card, and write the profile's camera.calibration",
    )
    .option('--target-card <file>', 'write the card (SVG) first, to be shown or printed')
    .option('--yes', 'let the bolt move without asking; steps that need a person are skipped')
    .option(...JSON_FLAG)
    .action(async (flags: DoctorFlags) => {
      const [{ doctor }, { processIo }] = await Promise.all([
        import('./doctor-command.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await doctor(flags, processIo())
    })

  return lock
}
