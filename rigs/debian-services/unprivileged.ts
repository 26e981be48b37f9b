import { spawnSync } from 'node:child_process'

/** Who runs a server: its own user when we are root, whom servers rightly refuse, else ourselves. */
export interface ServiceUser {
  /** What to put before a command, so that it runs as that user and is told to end when this process dies. */
  command(program: string, args: readonly string[]): { readonly file: string; readonly args: string[] }
  /** Undefined when it is ourselves. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined
}

/** Thrown when the user whom a Debian package makes is not there. */
export class ServiceUserMissing extends Error {
  override readonly name = 'ServiceUserMissing'
}

function idOf(user: string, flag: '-u' | '-g'): number {
  const { status, stdout } = spawnSync('id', [flag, user], { encoding: 'utf8' })
  if (status !== 0) throw new ServiceUserMissing(`there is no user ${user}; Debian's package makes it`)
  return Number(stdout)
}

/**
 * @param user made by the service's Debian package
 * @param endSignal what the program gets when this process dies, `kill -9` included
 * @throws ServiceUserMissing
 */
export function serviceUser(user: string, endSignal: 'TERM' | 'QUIT' | 'KILL'): ServiceUser {
  const root = process.getuid?.() === 0
  const ids = root ? { uid: idOf(user, '-u'), gid: idOf(user, '-g') } : undefined
  const become = ids ? ['--reuid', String(ids.uid), '--regid', String(ids.gid), '--clear-groups'] : []
  return {
    ids,
    command: (program, args) => ({
      file: 'setpriv',
      args: [...become, '--pdeathsig', endSignal, '--', program, ...args],
    }),
  }
}
