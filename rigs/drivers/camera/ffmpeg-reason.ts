import type { FfmpegEnd } from './ffmpeg-process.js'

/** What ended ffmpeg, and how to mend it: ffmpeg's own words, understood. */
export interface FfmpegReason {
  readonly why: string
  readonly mend: string
}

const INSTALL = 'apt-get install -y --no-install-recommends ffmpeg (and util-linux for setpriv)'

const KNOWN: readonly (readonly [RegExp, string, string])[] = [
  [/setpriv: failed to execute ffmpeg|ENOENT/, 'ffmpeg is not here', INSTALL],
  [/Device or resource busy/, 'another program holds the device', 'end that program (fuser -v shows it)'],
  [/Permission denied/, 'this user may not open it', 'join the group that owns it: usermod -aG video <user>'],
  [
    /No such (file or directory|device)/,
    'it is not there',
    'plug it in; v4l2-ctl --list-devices shows what is',
  ],
  [
    /Inappropriate ioctl|Not a video capture device/,
    'it is no camera',
    'v4l2-ctl --list-devices shows which is',
  ],
  [
    /Picture size .* is invalid|Invalid argument|cannot find a proper format/,
    'it does not give pictures of that size, rate or format',
    'ffmpeg -f v4l2 -list_formats all -i <device> shows what it gives',
  ],
  [/Connection refused/, 'nobody answers there', 'start the camera, and check host and port'],
  [
    /Invalid data found|moov atom not found|could not find codec|Error while decoding/i,
    'what it sends is no video that ffmpeg knows',
    'play it with ffplay to see what it is',
  ],
]

/** ffmpeg refuses each picture beyond its bound, and goes on for ever. @returns whether this line of its log says so */
export const isBeyondBound = (line: string): boolean => /exceeds specified max pixel count/.test(line)

/** The line that helps: ffmpeg says first what went wrong, and then its consequences. */
function tellingLine(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .filter(
      (line) => /error|invalid|fail|cannot|could not|not found|exceeds/i.test(line) && !/showinfo/.test(line),
    )
  return (lines[0] ?? '').replace(/^\[[^\]]*\]\s*/, '').slice(0, 200)
}

export function reasonOf({ how, stderr }: FfmpegEnd): FfmpegReason {
  const text = `${how}\n${stderr}`
  for (const [pattern, why, mend] of KNOWN) {
    if (!pattern.test(text)) continue
    const line = tellingLine(stderr)
    return { why: line ? `${why} (${line})` : why, mend }
  }
  const line = tellingLine(stderr)
  return { why: `ffmpeg ended, ${how}${line ? ` (${line})` : ''}`, mend: 'plug it in again, or restart it' }
}
