import type { Command } from 'commander'
import type { CanConvertFlags } from './can-convert.js'
import type { CanDbcListFlags } from './can-dbc-list.js'
import type { CanDecodeFlags } from './can-decode.js'
import type { CanDumpFlags } from './can-dump.js'
import type { CanPlayFlags } from './can-play.js'
import type { CanSendFlags } from './can-send.js'
import type { CanServeFlags } from './can-serve.js'

const collect = (value: string, all: readonly string[] = []): string[] => [...all, value]

const BUS = [
  '--bus <url>',
  'socketcan:can0, slcan:/dev/ttyACM0?bitrate=500000, socketcand://host/can0, udp://239.74.163.2, memory:name',
] as const
const UTC_OFFSET = [
  '--utc-offset <offset>',
  'clock of ASC and TRC files and of candump -t A, which name no zone, e.g. +08:00 (default: UTC)',
] as const
const FROM = [
  '--from <format>',
  'format of the input, where its content does not say: candump, asc or trc',
] as const

const TIMEOUT = [
  '--timeout <seconds>',
  'give up when no frame could be sent for so long, e.g. because no other node acknowledges',
  '5',
] as const
const LENIENT = [
  '--lenient',
  'read a DBC file with mistakes: what cannot be read is left out, each mistake is reported',
] as const
const SEVERAL_DBC = 'may be repeated; CHANNEL=FILE is for one channel only'
const ENCODING = [
  '--encoding <name>',
  'of the DBC file, e.g. gbk or shift_jis (default: UTF-8, UTF-16, GBK or Windows-1252, by its bytes)',
] as const

/** Adds `can` and its commands. Their modules are loaded when they are asked for. */
export function addCanCommands(program: Command): Command {
  const can = program.command('can').description('watch, feed and replay CAN buses; decode and convert logs')

  can
    .command('dump')
    .description("print what a bus carries, in candump's log format, until SIGINT or until nobody reads")
    .requiredOption(...BUS)
    .option(
      '--filter <id:mask>',
      'only these ids, hex, e.g. 123:7FF or 18DAF110:1FFFFFFF; ID~MASK lets in all others; repeated, a frame shows when any of them lets it in',
      collect,
    )
    .option('--count <frames>', 'end after so many frames')
    .option('--seconds <seconds>', 'end after so long')
    .option('--dbc <file>', `print what the frames say; ${SEVERAL_DBC}`, collect)
    .option(...LENIENT)
    .option(...ENCODING)
    .option('--json', 'one JSON document a line')
    .option('--log <file>', 'write a log as well: .log (candump), .asc or .trc')
    .option('--format <format>', 'of the log, where its name does not say: candump, asc or trc')
    .option('--strict', 'exit 3 when frames were lost; they are told either way')
    .action(async (flags: CanDumpFlags) => {
      const [{ canDump }, { processIo }] = await Promise.all([import('./can-dump.js'), import('./can-io.js')])
      process.exitCode = await canDump(flags, processIo())
    })

  can
    .command('send')
    .description('send frames in the syntax of cansend, or a message of a DBC file')
    .argument(
      '[frames...]',
      '123#DEADBEEF, 1F334455#11.22, 123#R4, 123##1AABB; with --dbc: MESSAGE SIGNAL=VALUE…',
    )
    .requiredOption(...BUS)
    .option('--dbc <file>', 'where the message is described; may be repeated', collect)
    .option('--raw', 'values are raw: neither scaled nor held against their limits')
    .option('--no-limits', 'values may be outside their limits, where they fit their bits')
    .option(...LENIENT)
    .option(...ENCODING)
    .option(...TIMEOUT)
    .action(async (frames: string[], flags: CanSendFlags) => {
      const [{ canSend }, { processIo }] = await Promise.all([import('./can-send.js'), import('./can-io.js')])
      process.exitCode = await canSend(frames, flags, processIo())
    })

  can
    .command('play')
    .description('play a log of any format onto a bus')
    .argument('<log>', 'candump, ASC or TRC; - for the standard input')
    .requiredOption(...BUS)
    .option(...FROM)
    .option('--speed <factor>', '1 is the original timing, 2 twice as fast, max as fast as possible', '1')
    .option('--channel <name>', 'only frames of this channel of the log; may be repeated', collect)
    .option('--gap-limit <seconds>', 'shorten longer pauses of the log to this')
    .option('--loops <times>', 'play the log so often')
    .option('--loop-gap <seconds>', "pause between two loops (default: the log's own period goes on)")
    .option('--strict', 'a bad line of the log ends the playing')
    .option(...TIMEOUT)
    .action(async (log: string, flags: CanPlayFlags) => {
      const [{ canPlay }, { processIo }] = await Promise.all([import('./can-play.js'), import('./can-io.js')])
      process.exitCode = await canPlay(log, flags, processIo())
    })

  can
    .command('decode')
    .description(
      'print a log with what its frames say, e.g. candump can0 | lockstep can decode --dbc car.dbc -',
    )
    .argument('<log>', 'candump (with or without -L), ASC or TRC; - for the standard input')
    .requiredOption('--dbc <file>', `what the frames mean; ${SEVERAL_DBC}`, collect)
    .option(...LENIENT)
    .option(...ENCODING)
    .option('--json', 'one JSON document a line')
    .option('--strict', 'a bad line of the log ends the decoding')
    .option(...FROM)
    .option(...UTC_OFFSET)
    .action(async (log: string, flags: CanDecodeFlags) => {
      const [{ canDecode }, { processIo }] = await Promise.all([
        import('./can-decode.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await canDecode(log, flags, processIo())
    })

  can
    .command('convert')
    .description('write a log in another format, and tell what that cannot carry')
    .argument('<in>', 'candump (with or without -L), ASC or TRC; - for the standard input')
    .argument('<out>', '.log (candump), .asc or .trc; - for the standard output')
    .option(...FROM)
    .option('--to <format>', 'format of the output, where its name does not say')
    .option('--no-fdf', 'candump: FD flags without the FDF bit, as older kernels show them')
    .option('--strict', 'write nothing where a line is bad or something would be lost')
    .option(...UTC_OFFSET)
    .action(async (input: string, output: string, flags: CanConvertFlags) => {
      const [{ canConvert }, { processIo }] = await Promise.all([
        import('./can-convert.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await canConvert(input, output, flags, processIo())
    })

  can
    .command('dbc')
    .description('list the messages and signals of a DBC file, and what is wrong in it')
    .argument('<file>', 'a DBC file')
    .option(...ENCODING)
    .option('--json', 'one JSON document')
    .action(async (file: string, flags: CanDbcListFlags) => {
      const [{ canDbcList }, { processIo }] = await Promise.all([
        import('./can-dbc-list.js'),
        import('./can-io.js'),
      ])
      process.exitCode = canDbcList(file, flags, processIo())
    })

  can
    .command('serve')
    .description('lend a bus over TCP as socketcand does; prints one line of JSON with its URL when ready')
    .requiredOption(...BUS)
    .option('--port <port>', '0 for any that is free', '29536')
    .option('--host <address>', 'whoever reaches it may send on the bus', '127.0.0.1')
    .option('--name <name>', "the bus's name for clients (default: the interface's, else can0)")
    .action(async (flags: CanServeFlags) => {
      const [{ canServe }, { processIo }] = await Promise.all([
        import('./can-serve.js'),
        import('./can-io.js'),
      ])
      process.exitCode = await canServe(flags, processIo())
    })

  return can
}
