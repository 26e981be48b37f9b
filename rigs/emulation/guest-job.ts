/** What a guest kernel is booted for. */
export interface GuestJob {
  /** Command and arguments; paths are the host's, whose file system the guest sees. */
  readonly command: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Folders that the guest may write to; everything else is read-only but for TMPDIR, which is the guest's own. */
  readonly writable: readonly string[]
  /** Shell lines that prepare the guest once file systems and loopback are there. */
  readonly setUp: readonly string[]
}

/** In the guest's memory. Not /tmp, which may be where the host keeps the very files that the job is about. */
export const GUEST_TEMPORARY = '/dev/shm/tmp'

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

export const quotedCommand = (command: readonly string[]) => command.map(quoted).join(' ')

/** What a guest prints before its job begins, and, with the job's exit code, when it has ended. */
export interface GuestMarks {
  readonly started: string
  readonly ended: string
}

export function guestMarks(nonce: string): GuestMarks {
  return { started: `lockstep-guest-${nonce}-started`, ended: `lockstep-guest-${nonce}-ended:` }
}

/** The part of an init script that is the same in every guest: prepare, run the job, say how it ended, power off. */
export function jobScript(job: GuestJob, marks: GuestMarks): string {
  const environment = Object.entries(job.environment).map(
    ([name, value]) => `export ${name}=${quoted(value)}`,
  )
  return [
    ...environment,
    `export TMPDIR=${GUEST_TEMPORARY}; mkdir -p $TMPDIR`,
    'ip link set lo up',
    // Room for a burst: with 208 KiB, Linux's default, a socket holds 278 CAN frames.
    ...['rmem_default', 'rmem_max'].map((name) => `echo 8388608 > /proc/sys/net/core/${name}`),
    ...job.setUp.map((line) => `${line} || echo "lockstep: the guest could not: "${quoted(line)}`),
    `cd ${quoted(job.folder)}`,
    `echo ${marks.started}`,
    // Through a pipe: the console is a terminal, on which programs would draw their progress over and over.
    `{ ${quotedCommand(job.command)}; echo $? > $TMPDIR/exit-code; } </dev/null 2>&1 | cat`,
    `echo "${marks.ended}$(cat $TMPDIR/exit-code)."`,
    'echo o > /proc/sysrq-trigger',
    'sleep 60',
  ].join('\n')
}
